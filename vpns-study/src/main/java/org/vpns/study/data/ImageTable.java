package org.vpns.study.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.internal.text.ClassNames;
import org.vpns.train.ImageSets;

/**
 * Labelled images of one size in Java arrays: float32 values in [0, 1], channels first, row by row;
 * labels count from 0. Immutable; subsets share the pixels of their origin.
 */
public final class ImageTable {
  /**
   * Images per batch of {@link #toDataset}: {@value}. A trainer with an order of its own ignores
   * it.
   */
  public static final int BATCH = 32;

  private static final int CHUNK = 1024;

  private final String name;
  private final int channels;
  private final int height;
  private final int width;
  private final float[][] images;
  private final int[] labels;
  private final List<String> classNames;

  /** Of arrays that have been checked and are given away. */
  ImageTable(
      String name,
      int channels,
      int height,
      int width,
      float[][] images,
      int[] labels,
      List<String> classNames) {
    this.name = name;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.images = images;
    this.labels = labels;
    this.classNames = List.copyOf(classNames);
  }

  /**
   * Two parts of one table without a common image.
   *
   * @param train images to learn from
   * @param test images to measure accuracy on
   */
  public record Split(ImageTable train, ImageTable test) {
    /** Both are needed. */
    public Split {
      Problem.given(train, "new ImageTable.Split", "train");
      Problem.given(test, "new ImageTable.Split", "test");
      if (!train.imageShape().equals(test.imageShape())) {
        throw Problem.argument(
            "parts of two image sizes",
            "new ImageTable.Split, " + test.name,
            "images of " + train.imageShape() + ", as those of " + train.name,
            test.imageShape(),
            "read both parts in one size");
      }
      if (!train.classNames.equals(test.classNames)) {
        throw Problem.argument(
            "parts of other classes",
            "new ImageTable.Split, " + test.name,
            "the classes of " + train.name + ", " + Problem.listed(train.classNames, 8),
            Problem.listed(test.classNames, 8),
            "label both parts by the same classes, in one order");
      }
    }

    /** Both for a run, with the names of their classes; the manager owns the arrays. */
    public ImageSets toImageSets(NDManager manager) {
      Problem.given(manager, "ImageTable.Split.toImageSets", "manager");
      return ImageSets.of(train.toDataset(manager), train.classes())
          .test(test.toDataset(manager))
          .classNames(train.classNames());
    }
  }

  /**
   * Images and labels, copied.
   *
   * @param name of the set, for messages
   * @param images one row of {@code channels * height * width} values per image
   * @param labels one per image, each an index into the class names
   * @throws IllegalArgumentException if there is no image, a length is wrong, a value lies outside
   *     [0, 1], a label has no class, or a class name is blank or occurs twice
   */
  public static ImageTable of(
      String name,
      int channels,
      int height,
      int width,
      float[][] images,
      int[] labels,
      List<String> classNames) {
    Problem.given(name, "ImageTable.of", "name");
    Problem.givenEach(images, "ImageTable.of", "images");
    Problem.given(labels, "ImageTable.of", "labels");
    Problem.givenEach(classNames, "ImageTable.of", "classNames");
    if (images.length == 0 || channels < 1 || height < 1 || width < 1) {
      throw Problem.argument(
          "table without pixels",
          name,
          "at least 1 image of at least 1 x 1 x 1",
          images.length + " of " + size(channels, height, width),
          "check the source of the images");
    }
    if (labels.length != images.length) {
      throw Problem.argument(
          "labels of other images",
          name,
          images.length + " labels",
          labels.length,
          "pass one each");
    }
    ClassNames.require(classNames, name, "classNames");
    float[][] rows = new float[images.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = images[i].clone();
      checkImage(name, i, rows[i], channels * height * width);
      if (labels[i] < 0 || labels[i] >= classNames.size()) {
        throw Problem.argument(
            "label out of range",
            name + ", image " + i,
            "0 to " + (classNames.size() - 1),
            labels[i],
            "name every class");
      }
    }
    return new ImageTable(name, channels, height, width, rows, labels.clone(), classNames);
  }

  private static void checkImage(String name, int index, float[] pixels, int expected) {
    if (pixels.length != expected) {
      throw Problem.argument(
          "image of another size",
          name + ", image " + index,
          expected + " values",
          pixels.length,
          "resize the images to one size");
    }
    for (float value : pixels) {
      if (!(value >= 0 && value <= 1)) {
        throw Problem.argument(
            "pixel out of range",
            name + ", image " + index,
            "a value in [0, 1]",
            value,
            "divide bytes by 255 and leave normalisation to the network's input");
      }
    }
  }

  /** Name of the set. */
  public String name() {
    return name;
  }

  /** Number of images. */
  public int size() {
    return images.length;
  }

  /** Channels of every image. */
  public int channels() {
    return channels;
  }

  /** Height of every image in pixels. */
  public int height() {
    return height;
  }

  /** Width of every image in pixels. */
  public int width() {
    return width;
  }

  /** Names of the classes; a label is an index into them. */
  public List<String> classNames() {
    return classNames;
  }

  /** Number of classes, whether or not an image shows them. */
  public int classes() {
    return classNames.size();
  }

  /** Label of an image. */
  public int label(int index) {
    return labels[index];
  }

  /** Values of an image, (channels, height, width); a copy. */
  public float[] image(int index) {
    return images[index].clone();
  }

  /** Images per class. */
  public int[] counts() {
    int[] counts = new int[classNames.size()];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /**
   * The images at the given indices, in that order.
   *
   * @throws IllegalArgumentException if there is none, or one does not exist
   */
  public ImageTable subset(int... indices) {
    Problem.given(indices, "ImageTable.subset", "indices");
    if (indices.length == 0) {
      throw Problem.argument(
          "empty subset", name, "at least 1 index", 0, "a table holds at least 1 image");
    }
    float[][] rows = new float[indices.length][];
    int[] classes = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= images.length) {
        throw Problem.argument(
            "no such image", name, "0 to " + (images.length - 1), indices[i], "check the indices");
      }
      rows[i] = images[indices[i]];
      classes[i] = labels[indices[i]];
    }
    return new ImageTable(name, channels, height, width, rows, classes, classNames);
  }

  /**
   * The first images.
   *
   * @throws IllegalArgumentException unless {@code 1 <= count <= size()}
   */
  public ImageTable head(int count) {
    checkCount("ImageTable.head", count, images.length);
    return subset(IntStream.range(0, count).toArray());
  }

  /**
   * A random part for training and the rest for testing, drawn anew for every seed, from the stream
   * {@code split/<name>} of {@link Seeds}; of a path the last part counts, so that it does not
   * matter where the images lie. Classes are not balanced.
   *
   * @param train number of training images
   * @throws IllegalArgumentException unless {@code 1 <= train < size()}
   */
  public Split split(long seed, int train) {
    checkCount("ImageTable.split", train, images.length - 1);
    int[] order =
        Arrays.stream(new Seeds(seed).permutation(SplitStream.of(name), images.length))
            .mapToInt(Math::toIntExact)
            .toArray();
    return new Split(
        subset(Arrays.copyOf(order, train)),
        subset(Arrays.copyOfRange(order, train, order.length)));
  }

  private void checkCount(String where, int count, int most) {
    if (count < 1 || count > most) {
      throw Problem.argument(
          "number of images out of range",
          where + ", " + name,
          "1 to " + most + " of " + images.length,
          count,
          "take fewer, but at least 1");
    }
  }

  /**
   * The table as DJL's dataset: one data array, float32 (images, channels, height, width), and one
   * label array, int64 (images). Batches of {@value #BATCH} in the table's order. The arrays belong
   * to the manager and live as long as it.
   */
  public ArrayDataset toDataset(NDManager manager) {
    Problem.given(manager, "ImageTable.toDataset", "manager");
    NDArray data =
        manager.create(new Shape(images.length, channels, height, width), DataType.FLOAT32);
    for (int from = 0; from < images.length; from += CHUNK) {
      int to = Math.min(images.length, from + CHUNK);
      try (NDManager scope = manager.newSubManager();
          NDArray chunk = chunk(scope, from, to)) {
        data.set(new NDIndex(from + ":" + to), chunk);
      }
    }
    long[] targets = Arrays.stream(labels).asLongStream().toArray();
    return new ArrayDataset.Builder()
        .setData(data)
        .optLabels(manager.create(targets))
        .setSampling(BATCH, false)
        .build();
  }

  private NDArray chunk(NDManager manager, int from, int to) {
    int length = channels * height * width;
    float[] flat = new float[(to - from) * length];
    for (int i = from; i < to; i++) {
      System.arraycopy(images[i], 0, flat, (i - from) * length, length);
    }
    return manager.create(flat, new Shape(to - from, channels, height, width));
  }

  private String imageShape() {
    return size(channels, height, width);
  }

  private static String size(int channels, int height, int width) {
    return String.format(Locale.ROOT, "%d x %d x %d", channels, height, width);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d images of %s, %d classes",
        name,
        images.length,
        size(channels, height, width),
        classNames.size());
  }
}
