package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import java.util.LinkedHashMap;
import java.util.Map;
import jdk.incubator.vector.IntVector;

/**
 * Fills what lies around the blocks of a plane: what a lane's neighbour has there, which is a
 * vector of the plane shifted by some lanes, and zeros outside of the map.
 *
 * @param to vectors of a plane that are filled
 * @param from where the values of each lie
 * @param mask which of the masks each has
 * @param masks a lane that has a value has all bits set
 */
public record Seams(int[] to, int[] from, int[] mask, int[] masks) {
  /** Of a geometry. */
  public static Seams of(Geometry g) {
    int[][] entries = new int[g.positions()][];
    Map<Long, int[]> masks = new LinkedHashMap<>();
    Map<Long, Integer> numbers = new LinkedHashMap<>();
    int count = 0;
    // a block's own positions come first: borders are copies of them
    for (boolean inside : new boolean[] {true, false}) {
      for (int y = -g.halo().top(); y < g.blockY() + g.halo().bottom(); y++) {
        for (int x = -g.halo().left(); x < g.blockX() + g.halo().right(); x++) {
          boolean own = y >= 0 && y < g.blockY() && x >= 0 && x < g.blockX();
          int[] lanes = lanes(g, y, x);
          if (own == inside && !(own && isFull(lanes, g))) {
            long key = Wide.bits(lanes);
            masks.put(key, lanes);
            int number = numbers.computeIfAbsent(key, k -> numbers.size());
            entries[count++] = new int[] {g.position(y, x) * Wide.LANES, source(g, y, x), number};
          }
        }
      }
    }
    int[] to = new int[count];
    int[] from = new int[count];
    int[] mask = new int[count];
    for (int i = 0; i < count; i++) {
      to[i] = entries[i][0];
      from[i] = entries[i][1];
      mask[i] = entries[i][2] * Wide.LANES;
    }
    int[] all = new int[masks.size() * Wide.LANES];
    int at = 0;
    for (int[] lanes : masks.values()) {
      System.arraycopy(lanes, 0, all, at, Wide.LANES);
      at += Wide.LANES;
    }
    return new Seams(to, from, mask, all);
  }

  /** Lanes whose pixel at a position, in the block or around it, lies in the map: all bits set. */
  private static int[] lanes(Geometry g, int y, int x) {
    int[] lanes = new int[Wide.LANES];
    for (int lane = 0; lane < g.gridY() * g.gridX(); lane++) {
      int mapY = lane / g.gridX() * g.blockY() + y;
      int mapX = lane % g.gridX() * g.blockX() + x;
      if (mapY >= 0 && mapY < g.height() && mapX >= 0 && mapX < g.width()) {
        lanes[lane] = -1;
      }
    }
    return lanes;
  }

  /** Lanes that hold no block do not count: nobody reads them. */
  private static boolean isFull(int[] lanes, Geometry g) {
    for (int lane = 0; lane < g.gridY() * g.gridX(); lane++) {
      if (lanes[lane] == 0) {
        return false;
      }
    }
    return true;
  }

  /** Where a lane's value lies, as seen from that lane. */
  private static int source(Geometry g, int y, int x) {
    int shift = Math.floorDiv(y, g.blockY()) * g.gridX() + Math.floorDiv(x, g.blockX());
    int position = g.position(Math.floorMod(y, g.blockY()), Math.floorMod(x, g.blockX()));
    // no lane has its value so far away: nothing but zeros
    return Math.abs(shift) >= Wide.LANES ? position * Wide.LANES : position * Wide.LANES + shift;
  }

  /** Fills a plane. */
  void fill(float[] a, int plane) {
    for (int i = 0; i < to.length; i++) {
      IntVector lanes = IntVector.fromArray(Wide.INTS, masks, mask[i]);
      fromArray(FLOATS, a, plane + from[i])
          .reinterpretAsInts()
          .and(lanes)
          .reinterpretAsFloats()
          .intoArray(a, plane + to[i]);
    }
  }
}
