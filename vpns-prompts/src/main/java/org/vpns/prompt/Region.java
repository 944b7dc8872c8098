package org.vpns.prompt;

import ai.djl.ndarray.NDArray;
import com.google.common.primitives.Booleans;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.Problem;

/**
 * The pixels of one canvas that a prompt may change: how many values are learned for them, and how
 * these become a picture of canvas size. {@link Prompts#region} makes one that stays where it is of
 * a {@link Rule}; {@link Prompts#of} takes any.
 */
public interface Region {
  /** Which pixels of a canvas are active. */
  @FunctionalInterface
  interface Rule {
    /**
     * Whether a pixel is active.
     *
     * @param canvas canvas and image size
     * @param row from the top, from 0
     * @param column from the left, from 0
     */
    boolean isActive(ImageInput canvas, int row, int column);
  }

  /** Values stored for one channel; 0 = there is no prompt. */
  int storedPixels();

  /** Active pixels in evaluation, row-major over the canvas; the caller's own. */
  boolean[] mask();

  /** Active pixels of one channel. */
  default int activePixels() {
    return Booleans.countTrue(mask());
  }

  /**
   * The picture: values at active pixels, 0 elsewhere; differentiable. Everything created is left
   * on the manager of the values.
   *
   * @param values (channels x stored pixels), channel, row, column
   * @param training whether a moving region is at its drawn places or in the middle
   * @param batch number of images
   * @return (channels, height, width), or (batch, channels, height, width) if images differ
   */
  NDArray picture(NDArray values, boolean training, long batch);

  /**
   * The picture in evaluation, computed without an engine: channel, row, column; empty, the
   * default, if only an engine can. A region that gives it is served without one.
   *
   * @param values as the other method takes them
   */
  default Optional<float[]> picture(float[] values) {
    Problem.given(values, "Region.picture", "values");
    return Optional.empty();
  }

  /** Moves a moving region for the next batch; default: stays. */
  default void draw(RandomGenerator random, int batch) {}

  /** What makes an equal region again, beside what the kind's options say; default: nothing. */
  default Map<String, String> options() {
    return Map.of();
  }
}
