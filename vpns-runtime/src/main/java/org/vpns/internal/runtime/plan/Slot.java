package org.vpns.internal.runtime.plan;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Seams;
import org.vpns.internal.runtime.kernel.Wide;

/** A tensor's place in memory, from the step that writes it to the last that reads it. */
final class Slot {
  final Layout layout;
  final int size;
  private final int planes;
  private boolean completed;
  private @Nullable BitSet read;
  private int base = -1;
  int first = Integer.MAX_VALUE;
  int last = -1;

  /**
   * @param channels planes, for maps without phases; 1 for what is row-major
   * @param size floats in all
   */
  Slot(Layout layout, int channels, int size) {
    this.layout = layout;
    this.planes = layout.isRows() ? 1 : channels;
    this.size = (size + Wide.LANES - 1) / Wide.LANES * Wide.LANES;
  }

  void touch(int step) {
    first = Math.min(first, step);
    last = Math.max(last, step);
  }

  /** Somebody reads what lies around the blocks. */
  void complete() {
    completed = true;
  }

  /**
   * Somebody reads a channel at these offsets from each position of the block, and whoever reads
   * this says so.
   *
   * @param offsets floats
   */
  void read(int... offsets) {
    Geometry g = layout.planes();
    BitSet all = read == null ? new BitSet() : read;
    for (int offset : offsets) {
      for (int y = 0; y < g.blockY(); y++) {
        for (int x = 0; x < g.blockX(); x++) {
          all.set(offset / Wide.LANES + g.position(y, x));
        }
      }
    }
    read = all;
  }

  /** Whether a vector of a channel is read; yes if nobody has said. */
  boolean isRead(int vector) {
    return read == null || read.get(vector);
  }

  void place(int newBase) {
    base = newBase;
  }

  int base() {
    if (base < 0) {
      throw new IllegalStateException("tensor without a place");
    }
    return base;
  }

  Planes planes() {
    Geometry geometry = layout.geometry();
    boolean wants = completed && geometry != null && layout.phases() == 1;
    int plane = geometry == null ? size : geometry.plane() * layout.phases();
    return new Planes(base(), planes, plane, wants ? Seams.of(layout.planes()) : null);
  }
}
