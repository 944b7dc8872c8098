package org.vpns.train;

import ai.djl.training.dataset.RandomAccessDataset;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.text.ClassNames;

/**
 * The images of a run. Datasets give images (batch, channels, height, width), float32 in [0, 1],
 * and integer labels 0 .. classes-1. Training images are trained on; validation images choose the
 * best epoch; test images are only ever counted.
 */
public final class ImageSets extends Value<ImageSets> {
  private final RandomAccessDataset train;
  private final int classes;
  private @Nullable RandomAccessDataset validation;
  private double validationFraction;
  private @Nullable RandomAccessDataset test;
  private ImmutableList<String> classNames = ImmutableList.of();

  private ImageSets(RandomAccessDataset train, int classes) {
    this.train = train;
    this.classes = classes;
  }

  /**
   * Training images of the given number of classes; no validation, no test.
   *
   * @throws IllegalArgumentException if the dataset is empty or classes below 1
   */
  public static ImageSets of(RandomAccessDataset train, int classes) {
    Problem.given(train, "ImageSets.of", "train");
    if (classes < 1) {
      throw Problem.argument(
          "no classes",
          "ImageSets.of",
          "at least 1 class",
          classes,
          "count the data set's classes");
    }
    return new ImageSets(notEmpty("training", train), classes);
  }

  private static RandomAccessDataset notEmpty(String name, RandomAccessDataset dataset) {
    if (dataset.size() < 1) {
      throw Problem.argument(
          "empty data set", name + " images", "at least 1 image", 0, "check the folder or file");
    }
    return dataset;
  }

  /** With these validation images. */
  public ImageSets validation(RandomAccessDataset dataset) {
    Problem.given(dataset, "ImageSets.validation", "dataset");
    RandomAccessDataset images = notEmpty("validation", dataset);
    return with(i -> i.validation = images).with(i -> i.validationFraction = 0);
  }

  /**
   * With a fraction of the training images, chosen by the run's seed, set aside for validation.
   *
   * @param fraction above 0, below 1; 0.1 is usual
   */
  public ImageSets validation(double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw Problem.argument(
          "validation fraction out of range",
          "ImageSets.validation",
          "0 < fraction < 1",
          fraction,
          "pass 0.1 for a tenth");
    }
    return with(i -> i.validation = null).with(i -> i.validationFraction = fraction);
  }

  /** With these test images. */
  public ImageSets test(RandomAccessDataset dataset) {
    Problem.given(dataset, "ImageSets.test", "dataset");
    RandomAccessDataset images = notEmpty("test", dataset);
    return with(i -> i.test = images);
  }

  /**
   * With names of the classes, for predictions; default: their numbers.
   *
   * @throws IllegalArgumentException if there are not as many names as classes, or one is blank or
   *     occurs twice
   */
  public ImageSets classNames(List<String> names) {
    Problem.givenEach(names, "ImageSets.classNames", "names");
    if (names.size() != classes) {
      throw Problem.argument(
          "wrong number of class names",
          "ImageSets.classNames",
          classes,
          names.size(),
          "name every class once");
    }
    ImmutableList<String> copy = ClassNames.require(names, "ImageSets.classNames", "names");
    return with(i -> i.classNames = copy);
  }

  /** Training images. */
  public RandomAccessDataset train() {
    return train;
  }

  /** Number of classes T. */
  public int classes() {
    return classes;
  }

  /** Validation images, or null. */
  public @Nullable RandomAccessDataset validation() {
    return validation;
  }

  /** Fraction of the training images set aside, or 0. */
  public double validationFraction() {
    return validationFraction;
  }

  /** Test images, or null. */
  public @Nullable RandomAccessDataset test() {
    return test;
  }

  /** Names of the classes; their numbers if none were given. */
  public List<String> classNames() {
    if (!classNames.isEmpty()) {
      return classNames;
    }
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }
}
