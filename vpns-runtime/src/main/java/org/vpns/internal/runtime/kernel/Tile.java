package org.vpns.internal.runtime.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Positions that are computed together: {@code width} vectors side by side, and as many at {@code
 * delta} from them.
 *
 * @param position first vector
 * @param delta vectors from the first run to the second
 * @param width vectors of a run
 */
record Tile(int position, int delta, int width) {
  /**
   * Tiles that cover a block. Some positions may lie in two tiles: they are computed twice.
   *
   * @param widths runs that there are kernels for, the longest first; the last is 1
   */
  static List<Tile> cover(Geometry g, int... widths) {
    List<Tile> tiles = new ArrayList<>();
    int x = 0;
    for (int width : strips(g.blockX(), widths)) {
      addStrip(tiles, g, x, width, widths);
      x += width;
    }
    return tiles;
  }

  /** Two runs of a strip lie below each other; those of the last row side by side. */
  private static void addStrip(List<Tile> tiles, Geometry g, int x, int width, int... widths) {
    boolean paired = contains(width, widths);
    int y = 0;
    for (; paired && y + 1 < g.blockY(); y += 2) {
      tiles.add(new Tile(g.position(y, x), g.pitch(), width));
    }
    for (; y < g.blockY(); y++) {
      int half = (width + 1) / 2;
      for (int i = widths.length - 1; i >= 0; i--) {
        if (widths[i] >= half && widths[i] <= width) {
          tiles.add(new Tile(g.position(y, x), width - widths[i], widths[i]));
          break;
        }
      }
    }
  }

  private static boolean contains(int width, int... widths) {
    for (int w : widths) {
      if (w == width) {
        return true;
      }
    }
    return false;
  }

  /** Widths of the strips that a row is cut into, such that the fewest vectors are loaded. */
  private static List<Integer> strips(int length, int... widths) {
    double[] cost = new double[length + 1];
    int[] last = new int[length + 1];
    for (int i = 1; i <= length; i++) {
      cost[i] = Double.MAX_VALUE;
      for (int w : widths) {
        // what a tile costs beside its vectors: weights are read, accumulators begun and stored
        double own = w + (w == 1 ? 1.6 : 1.1);
        if (w <= i && cost[i - w] + own < cost[i]) {
          cost[i] = cost[i - w] + own;
          last[i] = w;
        }
        if (2 * w <= i && 2 * w > widths[0] && cost[i - 2 * w] + 2 * own - 0.01 < cost[i]) {
          cost[i] = cost[i - 2 * w] + 2 * own - 0.01;
          last[i] = 2 * w;
        }
      }
    }
    List<Integer> strips = new ArrayList<>();
    for (int i = length; i > 0; i -= last[i]) {
      strips.add(last[i]);
    }
    return strips;
  }

  /** First float behind the tile. */
  int end() {
    return (position + Math.max(delta, 0) + width) * Wide.LANES;
  }
}
