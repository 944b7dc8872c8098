package org.vpns.internal.runtime.kernel;

/**
 * Memory of each thread for what {@link DenseTiles} multiply; it stays in the second-level cache.
 */
final class Panel {
  /** Of 128 kB: the caches have 256 and more. */
  static final int FLOATS = 32 * 1024;

  private static final ThreadLocal<float[]> OWN = ThreadLocal.withInitial(() -> new float[FLOATS]);

  private Panel() {}

  static float[] floats() {
    return OWN.get();
  }
}
