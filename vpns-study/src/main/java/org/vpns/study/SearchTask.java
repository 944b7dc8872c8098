package org.vpns.study;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.vpns.Problem;
import org.vpns.internal.network.Engines;
import org.vpns.train.ImageSets;

/** A task without its test images, with some to validate on. */
record SearchTask(StudyTask task, double fraction) implements StudyTask {
  /**
   * How many images there are.
   *
   * @param train to train on, those for validation not among them
   * @param validation to choose by
   */
  record Counts(long train, long validation) {}

  @Override
  public String name() {
    return task.name();
  }

  @Override
  public Model network() throws IOException {
    return task.network();
  }

  @Override
  public ImageSets images(long seed, NDManager manager) throws IOException {
    Problem.given(manager, "StudyTask.images", "manager");
    ImageSets given = task.images(seed, manager);
    ImageSets images = ImageSets.of(given.train(), given.classes()).classNames(given.classNames());
    if (given.validation() != null) {
      return images.validation(given.validation());
    }
    double part = given.validationFraction();
    return images.validation(part > 0 ? part : fraction);
  }

  /**
   * Counts them.
   *
   * @throws IllegalArgumentException if there are fewer to choose by than classes
   */
  Counts count(long seed) throws IOException {
    try (NDManager manager = Engines.newManager("images of a search")) {
      ImageSets images = images(seed, manager);
      long size = images.train().size();
      long part = Math.round(images.validationFraction() * size);
      long held = images.validation() == null ? part : images.validation().size();
      if (held < images.classes()) {
        throw Problem.argument(
            "too few images to choose by",
            "search on " + name() + ", validation images",
            "at least " + images.classes() + ", one for each class",
            held,
            images.validation() == null
                ? "take more images, or set a larger fraction aside: Search.validation"
                : "give ImageSets.validation more of them");
      }
      return new Counts(images.validation() == null ? size - part : size, held);
    }
  }
}
