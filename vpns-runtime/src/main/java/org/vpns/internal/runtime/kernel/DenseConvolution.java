package org.vpns.internal.runtime.kernel;

/**
 * A convolution whose weights are mostly there.
 *
 * @param offsets for each weight of an output, floats from its position to what it is multiplied
 *     with
 * @param values weights, a group's outputs side by side; zeros where the last outputs are no group
 * @param bias one number for each output, filled up with zeros likewise
 * @param in first float of the input
 * @param sums where they go
 */
public record DenseConvolution(
    int[] offsets, float[] values, float[] bias, int in, Sums sums, Tile[] tiles) implements Step {
  /** With 16 registers, four sums of an output are too many. */
  private static final int[] WIDTHS = Wide.LANES >= 16 ? new int[] {2, 1} : new int[] {1};

  /**
   * A convolution; what it reads lies as its output does.
   *
   * @param offsets for each weight of an output, floats from its position to what it is multiplied
   *     with
   * @param values weights, a group's outputs side by side; zeros where the last outputs are no
   *     group
   * @param bias one number for each output, filled up with zeros likewise
   * @param in first float of the input
   * @param sums where they go
   * @param geometry of input and output
   * @param reach floats from the input's first one to behind its last
   * @throws IllegalArgumentException if a weight is multiplied with what is no tensor's
   */
  public static DenseConvolution of(
      int[] offsets,
      float[] values,
      float[] bias,
      int in,
      Sums sums,
      Geometry geometry,
      long reach) {
    Tile[] tiles = Tile.cover(geometry, WIDTHS).toArray(new Tile[0]);
    SparseConvolution.requireInside(offsets, tiles, in, reach);
    return new DenseConvolution(offsets, values, bias, in, sums, tiles);
  }

  /** Outputs side by side in the values. */
  public static int group() {
    return DenseTiles.OUTPUTS;
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int groups = bias.length / DenseTiles.OUTPUTS;
    int g0 = Wide.begin(groups, part, parts);
    int g1 = Wide.begin(groups, part + 1, parts);
    float[] scratch = Scratch.floats();
    for (Tile tile : tiles) {
      for (int g = g0; g < g1; g++) {
        tile(a, tile, g, scratch);
      }
    }
    sums.complete(a, g0 * DenseTiles.OUTPUTS, g1 * DenseTiles.OUTPUTS);
  }

  private void tile(float[] a, Tile tile, int group, float[] scratch) {
    int row = group * DenseTiles.OUTPUTS;
    int at = tile.position() * Wide.LANES;
    int delta = tile.delta() * Wide.LANES;
    int first = row * offsets.length;
    if (tile.width() == 2) {
      DenseTiles.four(a, offsets, values, first, bias, row, in + at, delta, scratch, 0);
    } else if (DenseTiles.OUTPUTS == 6) {
      DenseTiles.six(a, offsets, values, first, bias, row, in + at, delta, scratch, 0);
    } else {
      DenseTiles.two(a, offsets, values, first, bias, row, in + at, delta, scratch, 0);
    }
    store(a, tile, row, at, delta, scratch);
  }

  private void store(float[] a, Tile tile, int row, int at, int delta, float[] scratch) {
    int width = tile.width();
    int vectors = 2 * width;
    Planes planes = sums.planes();
    int end = Math.min(DenseTiles.OUTPUTS, planes.count() - row);
    for (int i = 0; i < end * vectors; i++) {
      int v = i % vectors;
      int within = v < width ? v * Wide.LANES : delta + (v - width) * Wide.LANES;
      int place = (row + i / vectors) * planes.plane() + at + within;
      sums.store(a, scratch, i * Wide.LANES, place);
    }
  }
}
