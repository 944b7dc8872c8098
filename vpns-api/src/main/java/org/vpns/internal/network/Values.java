package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;

/** Writes float values into an array where it lies. */
public final class Values {
  private static final float[] ZEROS = new float[4096];

  private Values() {}

  /** Replaces all entries; the array keeps its memory where Java can reach it. */
  public static void set(NDArray array, float[] values) {
    TensorMemory memory = TensorMemory.open(array);
    memory.host().set(values);
    memory.flush();
  }

  /** Makes the gradient of an array zero, where it lies. */
  public static void zeroGradient(NDArray array) {
    try (NDArray handle = array.getGradient()) {
      TensorMemory gradient = TensorMemory.open(handle);
      for (int from = 0; from < gradient.host().size(); from += ZEROS.length) {
        int n = Math.min(ZEROS.length, gradient.host().size() - from);
        gradient.host().floats().put(from, ZEROS, 0, n);
      }
      gradient.flushZeros();
    }
  }
}
