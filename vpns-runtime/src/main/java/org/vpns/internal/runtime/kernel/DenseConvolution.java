package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

/**
 * A convolution whose weights are mostly there. What some positions read is packed once, then
 * multiplied with the weights of all outputs; where one tile reads more than a {@link Panel} holds,
 * in several cuts of the weights.
 *
 * @param offsets for each weight of an output, floats from its position to what it is multiplied
 *     with
 * @param values weights, a group's outputs side by side; zeros where the last outputs are no group
 * @param bias one number for each output, filled up with zeros likewise
 * @param in first float of the input
 * @param sums where they go
 * @param positions of a block, floats from the plane's first
 */
public record DenseConvolution(
    int[] offsets, float[] values, float[] bias, int in, Sums sums, int[] positions)
    implements Step {
  private static final int L = Wide.LANES;
  private static final int OUTPUTS = DenseTiles.OUTPUTS;
  private static final int WIDEST = DenseTiles.WIDEST;

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
    int[] positions = geometry.block();
    Reach.requireInside(offsets, positions[0], positions[positions.length - 1] + L, in, reach);
    return new DenseConvolution(offsets, values, bias, in, sums, positions);
  }

  /** Outputs side by side in the values. */
  public static int group() {
    return OUTPUTS;
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int groups = bias.length / OUTPUTS;
    int g0 = Wide.begin(groups, part, parts);
    int g1 = Wide.begin(groups, part + 1, parts);
    int room = Panel.FLOATS / L;
    int cuts = Math.max(1, (offsets.length * WIDEST + room - 1) / room);
    int many = room / ((offsets.length + cuts - 1) / cuts) / WIDEST * WIDEST;
    for (int p = 0; p < positions.length; p += many) {
      int end = Math.min(positions.length, p + many);
      for (int cut = 0; cut < cuts; cut++) {
        int w0 = Wide.begin(offsets.length, cut, cuts);
        int w1 = Wide.begin(offsets.length, cut + 1, cuts);
        pack(a, p, end, w0, w1);
        for (int g = g0; g < g1; g++) {
          group(a, p, end, w0, w1, g);
        }
      }
    }
    sums.complete(a, g0 * OUTPUTS, g1 * OUTPUTS);
  }

  /** Puts side by side what the tiles of some positions read for some of the weights. */
  private void pack(float[] a, int p0, int p1, int w0, int w1) {
    float[] panel = Panel.floats();
    int to = 0;
    int p = p0;
    for (; p + 4 <= p1 && WIDEST == 4; p += 4) {
      int q0 = in + positions[p];
      int q1 = in + positions[p + 1];
      int q2 = in + positions[p + 2];
      int q3 = in + positions[p + 3];
      for (int w = w0; w < w1; w++, to += 4 * L) {
        int offset = offsets[w];
        fromArray(FLOATS, a, q0 + offset).intoArray(panel, to);
        fromArray(FLOATS, a, q1 + offset).intoArray(panel, to + L);
        fromArray(FLOATS, a, q2 + offset).intoArray(panel, to + 2 * L);
        fromArray(FLOATS, a, q3 + offset).intoArray(panel, to + 3 * L);
      }
    }
    for (int width; p < p1; p += width) {
      width = DenseTiles.width(p1 - p);
      for (int w = w0; w < w1; w++) {
        for (int v = 0; v < width; v++, to += L) {
          fromArray(FLOATS, a, in + positions[p + v] + offsets[w]).intoArray(panel, to);
        }
      }
    }
  }

  private void group(float[] a, int p0, int p1, int w0, int w1, int group) {
    float[] panel = Panel.floats();
    float[] made = Scratch.floats();
    int count = w1 - w0;
    int first = (group * offsets.length + w0) * OUTPUTS;
    float[] from = w0 == 0 ? bias : DenseTiles.NOTHING;
    int row = w0 == 0 ? group * OUTPUTS : 0;
    for (int p = p0, width; p < p1; p += width) {
      width = DenseTiles.width(p1 - p);
      DenseTiles.tile(panel, width, count, values, first, from, row, (p - p0) * count * L, made, 0);
      store(a, p, width, w0 == 0, w1 == offsets.length, group);
    }
  }

  private void store(float[] a, int p, int width, boolean first, boolean last, int group) {
    float[] made = Scratch.floats();
    int room = DenseTiles.room(width);
    int row = group * OUTPUTS;
    int end = Math.min(OUTPUTS, sums.planes().count() - row);
    for (int r = 0; r < end; r++) {
      int plane = (row + r) * sums.planes().plane();
      for (int v = 0; v < width; v++) {
        sums.store(a, made, (r * room + v) * L, plane + positions[p + v], first, last);
      }
    }
  }
}
