package org.vpns.image;

import ai.djl.ndarray.NDArray;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.Problem;

/**
 * A random change of training images, drawn anew for every image of a batch. Images are float32
 * (batch, channels, height, width) in [0, 1]; the result lives on their manager.
 */
public interface Augmentation {
  /**
   * Changes a batch; gives the argument itself back where there is nothing to change.
   *
   * @param images the batch; neither changed nor closed
   * @param random the step's own stream: equal streams give equal results
   * @throws IllegalArgumentException if the images are no batch or too small
   */
  NDArray apply(NDArray images, RandomGenerator random);

  /** Name and options, such as {@code cropAndFlip(224, 224)}. */
  String describe();

  /** This change, then another. */
  default Augmentation andThen(Augmentation next) {
    Problem.given(next, "Augmentation.andThen", "next");
    return Augmentations.chain(this, next, describe() + " + " + next.describe());
  }

  /** Leaves images as they are. */
  static Augmentation none() {
    return Augmentations.NONE;
  }

  /** Mirrors left and right with probability 1/2. */
  static Augmentation flip() {
    return Augmentations.FLIP;
  }

  /**
   * Resizes to 9/8 of the given size (rounded down) and cuts a piece of the given size out at a
   * random place.
   *
   * @param height of the result, in pixels
   * @param width of the result, in pixels
   * @throws IllegalArgumentException if a size is below 1
   */
  static Augmentation crop(int height, int width) {
    return Augmentations.crop(height, width);
  }

  /**
   * {@link #crop} and {@link #flip}: for 224 x 224, resize to 252 x 252, random crop, mirror.
   *
   * @param height of the result, in pixels
   * @param width of the result, in pixels
   */
  static Augmentation cropAndFlip(int height, int width) {
    return Augmentations.chain(
        crop(height, width), flip(), "cropAndFlip(" + height + ", " + width + ")");
  }

  /** {@link #cropAndFlip(int, int)} to the input's image size. */
  static Augmentation cropAndFlip(ImageInput input) {
    Problem.given(input, "Augmentation.cropAndFlip", "input");
    return cropAndFlip(input.imageHeight(), input.imageWidth());
  }

  /**
   * Moves images by up to the given number of pixels in both directions; zeros move in. The usual
   * change for 32 x 32 images is {@code shift(4).andThen(flip())}.
   *
   * @param pixels largest shift, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  static Augmentation shift(int pixels) {
    return Augmentations.shift(pixels);
  }
}
