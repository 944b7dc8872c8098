package org.vpns.internal.runtime.kernel;

import java.util.Arrays;
import org.vpns.Problem;

/**
 * A convolution whose removed weights cost nothing.
 *
 * @param rows offsets are counted from the input's first float
 * @param in first float of the input
 * @param out its planes are the outputs
 * @param bands tiles that are computed for one output after the other
 */
public record SparseConvolution(SparseRows rows, int in, Planes out, Clamp clamp, Tile[][] bands)
    implements Step {
  /**
   * A convolution; what it reads lies as its output does.
   *
   * @param rows offsets are counted from the input's first float
   * @param in first float of the input
   * @param out its planes are the outputs
   * @param geometry of input and output
   * @param reach floats from the input's first one to behind the last that may be read
   * @param inPlanes planes that an output may read
   * @throws IllegalArgumentException if a weight is multiplied with what is no tensor's
   */
  public static SparseConvolution of(
      SparseRows rows,
      int in,
      Planes out,
      Geometry geometry,
      long reach,
      Clamp clamp,
      int inPlanes) {
    Tile[][] bands = Bands.of(geometry, inPlanes, SparseTiles.widths(geometry));
    for (Tile[] tiles : bands) {
      requireInside(rows.offsets(), tiles, in, reach);
    }
    return new SparseConvolution(rows, in, out, clamp, bands);
  }

  static void requireInside(int[] offsets, Tile[] tiles, int in, long reach) {
    int least = Arrays.stream(offsets).min().orElse(0);
    int most = Arrays.stream(offsets).max().orElse(0);
    int first = Arrays.stream(tiles).mapToInt(Tile::position).min().orElse(0) * Wide.LANES;
    int end = Arrays.stream(tiles).mapToInt(Tile::end).max().orElse(0);
    if (least + first < -in || (long) most + end > reach) {
      throw Problem.argument(
          "weight that reads outside of its input",
          "sparse runtime",
          "offsets from " + -(long) in + " to " + reach,
          (least + first) + " to " + ((long) most + end),
          "report this network");
    }
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int r0 = bound(part, parts);
    int r1 = bound(part + 1, parts);
    for (Tile[] tiles : bands) {
      if (tiles.length == 1) {
        tile(a, tiles[0], r0, r1);
      } else {
        band(a, tiles, r0, r1);
      }
    }
    out.complete(a, r0, r1);
  }

  private void band(float[] a, Tile[] tiles, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      for (Tile tile : tiles) {
        tile(a, tile, r, r + 1);
      }
    }
  }

  private void tile(float[] a, Tile tile, int r0, int r1) {
    int at = tile.position() * Wide.LANES;
    int delta = tile.delta() * Wide.LANES;
    SparseTiles.run(
        a, rows, tile.width(), in + at, out.base() + at, out.plane(), delta, r0, r1, clamp);
  }

  /** First output of a share; shares have as many weights each. */
  private int bound(int part, int parts) {
    if (part == 0 || part == parts) {
      return part == 0 ? 0 : rows.rows();
    }
    int[] starts = rows.starts();
    long all = cost(starts, rows.rows());
    int low = 0;
    int high = rows.rows();
    while (low < high) {
      int middle = (low + high) / 2;
      if (cost(starts, middle) * parts < all * part) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** An output costs as two weights do. */
  private static long cost(int[] starts, int row) {
    return starts[row] + 2L * row;
  }
}
