package org.vpns.internal.runtime.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * A convolution whose removed weights cost nothing.
 *
 * @param cuts weights of some input planes each, which all outputs read before the next ones;
 *     offsets are counted from the input's first float
 * @param in first float of the input
 * @param out its planes are the outputs
 */
public record SparseConvolution(SparseRows[] cuts, int in, Planes out, Clamp clamp, Tile[] tiles)
    implements Step {
  /**
   * A convolution; what it reads lies as its output does.
   *
   * @param cuts weights of some input planes each; offsets are counted from the input's first float
   * @param in first float of the input
   * @param out its planes are the outputs
   * @param geometry of input and output
   * @param reach floats from the input's first one to behind the last that may be read
   * @throws IllegalArgumentException if a weight is multiplied with what is no tensor's
   */
  public static SparseConvolution of(
      List<SparseRows> cuts, int in, Planes out, Geometry geometry, long reach, Clamp clamp) {
    Tile[] tiles = SparseTiles.cover(geometry).toArray(new Tile[0]);
    int first = Arrays.stream(tiles).mapToInt(Tile::position).min().orElse(0) * Wide.LANES;
    int end = Arrays.stream(tiles).mapToInt(Tile::end).max().orElse(0);
    for (SparseRows rows : cuts) {
      Reach.requireInside(rows.offsets(), first, end, in, reach);
    }
    return new SparseConvolution(cuts.toArray(new SparseRows[0]), in, out, clamp, tiles);
  }

  @Override
  public void run(float[] a, int part, int parts) {
    outputs(a, bound(part, parts), bound(part + 1, parts), 0);
  }

  /**
   * Some of the outputs.
   *
   * @param r0 first output
   * @param r1 behind the last output
   * @param away floats from where their planes would lie to where they go
   */
  void outputs(float[] a, int r0, int r1, int away) {
    for (Tile tile : tiles) {
      int at = tile.position() * Wide.LANES;
      int delta = tile.delta() * Wide.LANES;
      for (int c = 0; c < cuts.length; c++) {
        SparseTiles.run(
            a,
            cuts[c],
            tile.width(),
            in + at,
            out.base() + away + at,
            out.plane(),
            delta,
            r0,
            r1,
            c > 0,
            c < cuts.length - 1 ? Clamp.NONE : clamp);
      }
    }
    out.complete(a, r0, r1, away);
  }

  /** First output of a share; shares have as many weights each. */
  int bound(int part, int parts) {
    int rows = cuts[0].rows();
    if (part == 0 || part == parts) {
      return part == 0 ? 0 : rows;
    }
    long all = cost(rows);
    int low = 0;
    int high = rows;
    while (low < high) {
      int middle = (low + high) / 2;
      if (cost(middle) * parts < all * part) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Of the outputs before one: an output costs as two weights do. */
  private long cost(int row) {
    long cost = 2L * row;
    for (SparseRows cut : cuts) {
      cost += cut.starts()[row];
    }
    return cost;
  }
}
