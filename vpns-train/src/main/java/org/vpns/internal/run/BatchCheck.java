package org.vpns.internal.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.vpns.Problem;
import org.vpns.internal.image.ImagePlacement;

/** Whether labels and images are what a run is made for. */
final class BatchCheck {
  /** What resizing and augmentation may overshoot. */
  private static final double SLACK = 0.01;

  /**
   * Beyond any normalisation that is in use, and below what bytes reach in all but black images.
   */
  private static final double FAR = 16;

  private final ImagePlacement placement;
  private final Consumer<String> warnings;
  private final Set<String> told = new HashSet<>();

  /**
   * Of a run.
   *
   * @param placement of its images
   */
  BatchCheck(ImagePlacement placement, Consumer<String> warnings) {
    this.placement = placement;
    this.warnings = warnings;
  }

  /**
   * Refuses images that are no numbers or far from [0, 1], and tells once of each data set which
   * lies outside of it. Two reductions on the images' own device.
   */
  void pixels(Batch batch) {
    String name = NamedBatch.name(batch);
    requireOne(batch.getData(), name, "an image");
    NDArray images = batch.getData().head();
    placement.require(images, name);
    values(images, name, i -> NamedBatch.image(batch, i));
  }

  /** The same of what an augmentation made of a batch's images. */
  void augmented(Batch batch, NDArray images) {
    String name = "augmented " + NamedBatch.name(batch);
    placement.require(images, name);
    values(images, name, i -> "augmented " + NamedBatch.image(batch, i));
  }

  /** What else there is would be left out without a word. */
  private static void requireOne(NDList arrays, String name, String what) {
    if (arrays.size() > 1) {
      throw Problem.argument(
          "more than one array for " + what,
          name,
          "one",
          arrays.size(),
          "leave the others out of the data set");
    }
  }

  private void values(NDArray images, String name, IntFunction<String> image) {
    if (images.size() == 0) {
      return;
    }
    float least;
    float most;
    try (NDArray min = images.min();
        NDArray max = images.max()) {
      least = min.getFloat();
      most = max.getFloat();
    }
    boolean near = least >= -FAR && most <= FAR;
    if (!near) {
      throw refusal(images, image);
    }
    if ((least < -SLACK || most > 1 + SLACK) && told.add(name)) {
      warnings.accept(
          name
              + String.format(
                  Locale.ROOT,
                  " lie outside [0, 1], in %s from %.3g to %.3g: a prompt cuts them off there;"
                      + " leave normalisation to ImageInput",
                  "the first such batch",
                  least,
                  most));
    }
  }

  /** Tells once of each data set that the network has no numbers for some of its images. */
  void answers(Batch batch, int numberless) {
    String name = NamedBatch.name(batch);
    if (numberless > 0 && told.add("answers " + name)) {
      warnings.accept(
          "answers to "
              + name
              + " are not numbers, in the first such batch "
              + numberless
              + " of "
              + batch.getData().head().getShape().get(0)
              + ": they count as wrong; look for weights that are far too large");
    }
  }

  private static IllegalArgumentException refusal(NDArray images, IntFunction<String> image) {
    float[] values = images.toFloatArray();
    int at = 0;
    while (Math.abs(values[at]) <= FAR) {
      at++;
    }
    int size = values.length / Math.toIntExact(images.getShape().get(0));
    String where = image.apply(at / size);
    return Float.isFinite(values[at])
        ? Problem.argument(
            "image values out of range",
            where,
            "values in [0, 1]",
            values[at],
            "divide bytes by 255, and leave normalisation to ImageInput.normalisation")
        : Problem.argument(
            "image is not finite",
            where,
            "values in [0, 1]",
            values[at],
            "repair the image or leave it out");
  }

  /** Class numbers of a batch. */
  static long[] labels(Batch batch, int classes) {
    String name = NamedBatch.name(batch);
    if (batch.getLabels().isEmpty()) {
      throw Problem.argument(
          "images without labels", name, "a label per image", "none", "label the images");
    }
    requireOne(batch.getLabels(), name, "a label");
    NDArray array = batch.getLabels().head();
    long images = batch.getData().head().getShape().get(0);
    if (array.size() != images) {
      throw Problem.argument(
          "labels do not fit the images",
          name,
          images + " labels for the batch",
          "shape " + array.getShape(),
          "give each image one class number");
    }
    if (array.getDataType().isFloating()) {
      requireWhole(batch, array);
    }
    long[] labels;
    try (NDArray integers = array.toType(DataType.INT64, true)) {
      labels = integers.toLongArray();
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw noClass(labels[i], classes, NamedBatch.image(batch, i));
      }
    }
    return labels;
  }

  /** The refusal of a label. */
  static IllegalArgumentException noClass(long label, int classes, String where) {
    return Problem.argument(
        "label out of range",
        where,
        "0 to " + (classes - 1),
        label,
        "check the number of classes given to ImageSets.of");
  }

  /** A fraction would become the class below it. */
  private static void requireWhole(Batch batch, NDArray array) {
    float[] values;
    try (NDArray floats = array.toType(DataType.FLOAT32, true)) {
      values = floats.toFloatArray();
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] != Math.rint(values[i])) {
        throw Problem.argument(
            "label is no class number",
            NamedBatch.image(batch, i),
            "a whole number",
            values[i],
            "give each image the number of its class");
      }
    }
  }
}
