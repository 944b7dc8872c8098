package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Numbers to try networks with: all over (-1, 1), without a pattern, the same each time. */
public final class Sines {
  private Sines() {}

  /**
   * sin(step k) for k = 1, 2, ... in float32.
   *
   * @param shape of any size; the engine's range of floats ends wrongly beyond 2^24
   */
  public static NDArray of(NDManager manager, Shape shape, double step) {
    int count = Math.toIntExact(shape.size());
    return manager.linspace((float) step, (float) (step * count), count).sin().reshape(shape);
  }
}
