package org.vpns.prompt;

import ai.djl.ndarray.NDArray;
import java.util.random.RandomGenerator;

/**
 * The pixels of one canvas that a prompt may change: how many values it stores for them, and how
 * these become a picture of canvas size.
 */
abstract class Region {
  /** Active pixels of one channel. */
  abstract int activePixels();

  /** Values stored for one channel; 0 = there is no prompt. */
  abstract int storedPixels();

  /** Active pixels in evaluation, row-major over the canvas. */
  abstract boolean[] mask();

  /**
   * The picture: values at active pixels, 0 elsewhere; differentiable. Everything created is left
   * on the manager of the values.
   *
   * @param values (channels x stored pixels), channel, row, column
   * @param training whether a moving region is at its drawn places or in the middle
   * @param batch number of images
   * @return (channels, height, width), or (batch, channels, height, width) if images differ
   */
  abstract NDArray picture(NDArray values, boolean training, long batch);

  /** Moves a moving region for the next batch. */
  void draw(RandomGenerator random, int batch) {}
}
