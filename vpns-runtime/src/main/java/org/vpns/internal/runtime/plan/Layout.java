package org.vpns.internal.runtime.plan;

import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Geometry;

/**
 * How a value's numbers lie.
 *
 * @param geometry of its planes; null for row-major
 * @param strideY a map's rows are dealt out to so many planes
 * @param strideX likewise its columns
 * @param fill what lies outside of the map
 */
record Layout(@Nullable Geometry geometry, int strideY, int strideX, float fill) {
  static final Layout ROWS = new Layout(null, 1, 1, 0);

  static Layout maps(Geometry geometry) {
    return new Layout(geometry, 1, 1, 0);
  }

  boolean isRows() {
    return geometry == null;
  }

  Geometry planes() {
    if (geometry == null) {
      throw new IllegalStateException("row-major");
    }
    return geometry;
  }

  /** Planes of one channel. */
  int phases() {
    return strideY * strideX;
  }

  /** Floats of one channel of maps. */
  int channel(int[] shape) {
    return geometry == null ? shape[1] * shape[2] : phases() * geometry.plane();
  }
}
