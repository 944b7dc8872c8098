package org.vpns.internal.runtime.kernel;

/** A few kilobytes of memory for each thread. */
final class Scratch {
  private static final ThreadLocal<float[]> FLOATS =
      ThreadLocal.withInitial(() -> new float[(32 + 8 * Wide.LANES) * Wide.LANES]);

  private Scratch() {}

  static float[] floats() {
    return FLOATS.get();
  }
}
