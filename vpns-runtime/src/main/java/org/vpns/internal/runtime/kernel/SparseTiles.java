package org.vpns.internal.runtime.kernel;

import java.util.List;

/**
 * Sums over the weights that are not 0. A weight is read once for all vectors of a tile; what it is
 * multiplied with is loaded by the multiply-add itself.
 */
final class SparseTiles {
  private static final int[] LONG = {7, 4, 2, 1};
  private static final int[] SHORT = {4, 2, 1};

  /** Vectors of the longest run: with 16 registers, two of seven are slower than two of four. */
  static final int RUN = Wide.LANES >= 16 ? 7 : 4;

  private SparseTiles() {}

  /**
   * Tiles of a block. Two runs make a tile; in blocks of one row they lie side by side, and seven
   * vectors are two runs of four.
   */
  static List<Tile> cover(Geometry g) {
    return Tile.cover(g, RUN == 7 || g.blockY() == 1 ? LONG : SHORT);
  }

  /**
   * A tile of several outputs.
   *
   * @param in where the tile's input begins
   * @param out where the tile lies in the first output
   * @param step floats from an output to the next
   * @param delta floats from a run to the other
   * @param r0 first output
   * @param r1 behind the last output
   * @param adds whether to what lies there, not to the bias
   */
  static void run(
      float[] a,
      SparseRows s,
      int width,
      int in,
      int out,
      int step,
      int delta,
      int r0,
      int r1,
      boolean adds,
      Clamp clamp) {
    switch (width) {
      case 7 -> SparseRuns7.run(a, s, in, out, step, delta, r0, r1, adds, clamp);
      case 4 -> SparseRuns4.run(a, s, in, out, step, delta, r0, r1, adds, clamp);
      case 2 -> SparseRuns2.run(a, s, in, out, step, delta, r0, r1, adds, clamp);
      default -> SparseRuns1.run(a, s, in, out, step, delta, r0, r1, adds, clamp);
    }
  }
}
