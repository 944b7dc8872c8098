package org.vpns.train;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.image.LazyImages;
import org.vpns.internal.run.Batches;
import org.vpns.internal.run.Fingerprints;
import org.vpns.internal.text.Texts;

/**
 * The images of a run in batches.
 *
 * @param splits as they were given
 * @param train trained on
 * @param validation choose the best epoch; null = no choice
 * @param test counted only; null = not even that
 */
record RunImages(
    ImageSets splits, Batches train, @Nullable Batches validation, @Nullable Batches test) {
  private static final String TRAINING = "training images";
  private static final String VALIDATION = "validation images";

  /**
   * Sets images aside for validation if a part of the training images is to be.
   *
   * @throws IllegalArgumentException if none are left to train on
   */
  static RunImages of(ImageSets splits, int batchSize, Seeds seeds) {
    RandomAccessDataset given = splits.train();
    Batches test =
        splits.test() == null ? null : Batches.all(splits.test(), batchSize, "test images");
    if (splits.validation() != null) {
      Batches validation = Batches.all(splits.validation(), batchSize, VALIDATION);
      return new RunImages(splits, Batches.all(given, batchSize, TRAINING), validation, test);
    }
    if (splits.validationFraction() == 0) {
      return new RunImages(splits, Batches.all(given, batchSize, TRAINING), null, test);
    }
    int size = Math.toIntExact(given.size());
    int held = (int) Math.max(1, Math.round(splits.validationFraction() * size));
    if (held >= size) {
      throw Problem.argument(
          "no images left to train on",
          "ImageSets.validation(" + splits.validationFraction() + ")",
          "fewer than " + size + " images set aside",
          held,
          "take a smaller fraction or more images");
    }
    long[] order = seeds.permutation("validation", size);
    Batches validation = new Batches(given, sorted(order, 0, held), batchSize, VALIDATION);
    return new RunImages(
        splits,
        new Batches(given, sorted(order, held, size), batchSize, TRAINING),
        validation,
        test);
  }

  /** The same with a last training batch of one image joined to the one before. */
  RunImages joiningLastImage() {
    return new RunImages(splits, train.joiningLastImage(), validation, test);
  }

  private static long[] sorted(long[] order, int from, int to) {
    long[] part = Arrays.copyOfRange(order, from, to);
    Arrays.sort(part);
    return part;
  }

  /** Number of classes. */
  int classes() {
    return splits.classes();
  }

  /** What a run depends on of its images, by name. */
  Map<String, String> identity(NDManager manager) {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("classes", Integer.toString(splits.classes()));
    identity.put(Fingerprints.TRAINING_DATA, Fingerprints.of(splits.train(), manager));
    if (splits.train() instanceof LazyImages lazy) {
      identity.put("training images shown", Texts.own(lazy.describe(), lazy, "LazyImages"));
    }
    identity.put(Fingerprints.VALIDATION_DATA, identity(splits.validation(), validation, manager));
    identity.put(Fingerprints.TEST_DATA, identity(splits.test(), test, manager));
    return identity;
  }

  private static String identity(
      @Nullable RandomAccessDataset dataset, @Nullable Batches images, NDManager manager) {
    if (images == null) {
      return "none";
    }
    return dataset == null
        ? images.size() + " images of the training data"
        : Fingerprints.of(dataset, manager);
  }
}
