package org.vpns.internal.runtime.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Where a tensor lies: planes one after the other.
 *
 * @param base first float
 * @param count number of planes
 * @param plane floats of a plane, with those that only fill up a vector
 * @param seams what completes a plane once its own positions are there; null if nobody asks
 */
public record Planes(int base, int count, int plane, @Nullable Seams seams) {
  public int at(int index) {
    return base + index * plane;
  }

  int begin(int part, int parts) {
    return Wide.begin(count, part, parts);
  }

  public void complete(float[] a, int from, int to) {
    complete(a, from, to, 0);
  }

  /**
   * Likewise.
   *
   * @param away floats from where the planes would lie to where they are
   */
  void complete(float[] a, int from, int to, int away) {
    if (seams != null) {
      for (int i = from; i < to; i++) {
        seams.fill(a, at(i) + away);
      }
    }
  }
}
