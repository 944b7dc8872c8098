package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.List;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Move;
import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Wide;

/** Brings values from one layout to another. */
final class Views {
  private Views() {}

  /**
   * A step that copies a value.
   *
   * @param shape of the value, maps
   */
  static Step copy(Slot from, Slot to, int[] shape) {
    if (to.layout.isRows()) {
      return toRows(from, to, shape);
    }
    Layout layout = to.layout;
    Geometry g = layout.planes();
    int size = layout.channel(shape);
    int[] places = new int[size];
    int[] sources = new int[size];
    for (int i = 0; i < size; i++) {
      places[i] = i;
      sources[i] =
          to.isRead(i / Wide.LANES) ? source(i, layout, g, shape, from.layout) : Move.ANYTHING;
    }
    Planes out = new Planes(to.base(), shape[0], size, null);
    return Move.of(from.base(), from.layout.channel(shape), out, places, sources, layout.fill());
  }

  /** Where a channel's float comes from; none for outside of the map. */
  private static int source(int at, Layout layout, Geometry g, int[] shape, Layout from) {
    int phase = at / g.plane();
    int vector = at % g.plane() / Wide.LANES;
    int lane = at % Wide.LANES;
    if (lane >= g.gridY() * g.gridX() || vector >= g.positions()) {
      return Move.ANYTHING;
    }
    int row = vector / g.pitch() - g.halo().top() + lane / g.gridX() * g.blockY();
    int column = vector % g.pitch() - g.halo().left() + lane % g.gridX() * g.blockX();
    int y = row * layout.strideY() + phase / layout.strideX();
    int x = column * layout.strideX() + phase % layout.strideX();
    boolean inside = y >= 0 && y < shape[1] && x >= 0 && x < shape[2];
    return inside ? element(from, y, x, shape) : Move.FILL;
  }

  private static Step toRows(Slot from, Slot to, int[] shape) {
    int size = shape[1] * shape[2];
    int[] places = new int[size];
    int[] sources = new int[size];
    for (int i = 0; i < size; i++) {
      places[i] = i;
      sources[i] = element(from.layout, i / shape[2], i % shape[2], shape);
    }
    Planes out = new Planes(to.base(), shape[0], size, null);
    return Move.of(from.base(), from.layout.channel(shape), out, places, sources, 0);
  }

  /** A pixel's float within its channel. */
  static int element(Layout layout, int y, int x, int[] shape) {
    if (layout.isRows()) {
      return y * shape[2] + x;
    }
    Geometry g = layout.planes();
    int phase = y % layout.strideY() * layout.strideX() + x % layout.strideX();
    return phase * g.plane() + g.element(y / layout.strideY(), x / layout.strideX());
  }

  /**
   * A step that puts values elsewhere.
   *
   * @param table for each value of the result, row-major, where it was; -1 for {@code fill}
   */
  static Step rearrange(
      Slot from, int[] fromShape, Slot to, int[] toShape, int[] table, float fill) {
    List<int[]> pairs = new ArrayList<>();
    for (int i = 0; i < table.length; i++) {
      int source = table[i] < 0 ? -1 : place(from.layout, table[i], fromShape);
      pairs.add(new int[] {place(to.layout, i, toShape), source});
    }
    int[] places = pairs.stream().mapToInt(p -> p[0]).toArray();
    int[] sources = pairs.stream().mapToInt(p -> p[1]).toArray();
    Planes out = new Planes(to.base(), 1, to.size, null);
    return Move.of(from.base(), 0, out, places, sources, fill);
  }

  private static int place(Layout layout, int index, int[] shape) {
    if (layout.isRows()) {
      return index;
    }
    int map = shape[1] * shape[2];
    int rest = index % map;
    return index / map * layout.channel(shape)
        + element(layout, rest / shape[2], rest % shape[2], shape);
  }
}
