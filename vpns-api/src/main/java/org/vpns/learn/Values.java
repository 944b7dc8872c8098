package org.vpns.learn;

import ai.djl.ndarray.NDArray;

/** Writes float values into an array where it lies. */
public final class Values {
  private Values() {}

  /** Replaces all entries; the array keeps its memory where Java can reach it. */
  public static void set(NDArray array, float[] values) {
    TensorMemory memory = TensorMemory.open(array);
    memory.host().set(values);
    memory.flush();
  }
}
