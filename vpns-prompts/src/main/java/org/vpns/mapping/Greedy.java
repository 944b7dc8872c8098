package org.vpns.mapping;

import java.util.Arrays;

/**
 * Takes the largest count of an unused source and an unfilled target, again and again; of equal
 * counts the lowest source, then the lowest target. Zero counts take part.
 */
final class Greedy {
  private Greedy() {}

  /**
   * Sources of each target in order of assignment. Cells are sorted once: a cell passed over for
   * its source or target never becomes available again.
   *
   * @param counts source, then target; 0 to 2^31 - 1
   */
  static int[][] assign(long[][] counts, int targets, int perTarget) {
    long[] cells = new long[Math.multiplyExact(counts.length, targets)];
    for (int cell = 0; cell < cells.length; cell++) {
      long count = counts[cell / targets][cell % targets];
      cells[cell] = (Integer.MAX_VALUE - count) << 32 | cell;
    }
    Arrays.sort(cells);
    boolean[] used = new boolean[counts.length];
    int[] filled = new int[targets];
    int[][] assigned = new int[targets][perTarget];
    for (long packed : cells) {
      int source = (int) packed / targets;
      int target = (int) packed % targets;
      if (!used[source] && filled[target] < perTarget) {
        used[source] = true;
        assigned[target][filled[target]++] = source;
      }
    }
    return assigned;
  }
}
