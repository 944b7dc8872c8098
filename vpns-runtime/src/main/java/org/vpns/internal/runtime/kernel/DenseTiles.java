package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Sums over all weights, for some outputs at once, so that what is loaded serves all of them. What
 * is multiplied lies packed: a tile's vectors for a weight behind those for the weight before.
 */
final class DenseTiles {
  /**
   * Outputs of a group: four, of four vectors each, or six of two where there are 16 registers
   * only.
   */
  static final int OUTPUTS = Wide.LANES >= 16 ? 4 : 6;

  /** Vectors of the widest tile. */
  static final int WIDEST = Wide.LANES >= 16 ? 4 : 2;

  /** What sums begin with that have no bias. */
  static final float[] NOTHING = new float[OUTPUTS];

  private static final int L = Wide.LANES;

  private DenseTiles() {}

  /** Vectors of the widest tile where so many are left. */
  static int width(int left) {
    return left >= WIDEST ? WIDEST : left >= 2 ? 2 : 1;
  }

  /** Vectors that a tile's sums take of an output. */
  static int room(int width) {
    return OUTPUTS == 6 ? 2 : width;
  }

  /**
   * Sums of a group.
   *
   * @param width vectors of the tile
   * @param count weights of an output
   * @param values weights, a group's outputs side by side
   * @param first of the group's values
   * @param bias a number for each output from {@code row} on
   * @param p where the tile's first vector lies
   * @param to gets the sums, an output's vectors side by side
   * @param begin where the first goes
   */
  static void tile(
      float[] a,
      int width,
      int count,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      float[] to,
      int begin) {
    if (width == 4) {
      four(a, count, values, first, bias, row, p, to, begin);
    } else if (OUTPUTS == 6) {
      six(a, count, values, first, bias, row, p, width, to, begin);
    } else if (width == 2) {
      two(a, count, values, first, bias, row, p, to, begin);
    } else {
      one(a, count, values, first, bias, row, p, to, begin);
    }
  }

  /** Four vectors, four outputs. */
  static void four(
      float[] a,
      int count,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      float[] to,
      int begin) {
    FloatVector a0 = broadcast(FLOATS, bias[row]);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector b0 = broadcast(FLOATS, bias[row + 1]);
    FloatVector b1 = b0;
    FloatVector b2 = b0;
    FloatVector b3 = b0;
    FloatVector c0 = broadcast(FLOATS, bias[row + 2]);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector d0 = broadcast(FLOATS, bias[row + 3]);
    FloatVector d1 = d0;
    FloatVector d2 = d0;
    FloatVector d3 = d0;
    int w = first;
    for (int i = 0; i < count; i++) {
      int at = p + 4 * i * L;
      FloatVector x0 = fromArray(FLOATS, a, at);
      FloatVector x1 = fromArray(FLOATS, a, at + L);
      FloatVector x2 = fromArray(FLOATS, a, at + 2 * L);
      FloatVector x3 = fromArray(FLOATS, a, at + 3 * L);
      FloatVector wa = broadcast(FLOATS, values[w]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      a2 = wa.fma(x2, a2);
      a3 = wa.fma(x3, a3);
      FloatVector wb = broadcast(FLOATS, values[w + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      b2 = wb.fma(x2, b2);
      b3 = wb.fma(x3, b3);
      FloatVector wc = broadcast(FLOATS, values[w + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      c2 = wc.fma(x2, c2);
      c3 = wc.fma(x3, c3);
      FloatVector wd = broadcast(FLOATS, values[w + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      d2 = wd.fma(x2, d2);
      d3 = wd.fma(x3, d3);
      w += 4;
    }
    a0.intoArray(to, begin);
    a1.intoArray(to, begin + L);
    a2.intoArray(to, begin + 2 * L);
    a3.intoArray(to, begin + 3 * L);
    b0.intoArray(to, begin + 4 * L);
    b1.intoArray(to, begin + 5 * L);
    b2.intoArray(to, begin + 6 * L);
    b3.intoArray(to, begin + 7 * L);
    c0.intoArray(to, begin + 8 * L);
    c1.intoArray(to, begin + 9 * L);
    c2.intoArray(to, begin + 10 * L);
    c3.intoArray(to, begin + 11 * L);
    d0.intoArray(to, begin + 12 * L);
    d1.intoArray(to, begin + 13 * L);
    d2.intoArray(to, begin + 14 * L);
    d3.intoArray(to, begin + 15 * L);
  }

  /** Two vectors, four outputs. */
  private static void two(
      float[] a,
      int count,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      float[] to,
      int begin) {
    FloatVector a0 = broadcast(FLOATS, bias[row]);
    FloatVector a1 = a0;
    FloatVector b0 = broadcast(FLOATS, bias[row + 1]);
    FloatVector b1 = b0;
    FloatVector c0 = broadcast(FLOATS, bias[row + 2]);
    FloatVector c1 = c0;
    FloatVector d0 = broadcast(FLOATS, bias[row + 3]);
    FloatVector d1 = d0;
    int w = first;
    for (int i = 0; i < count; i++) {
      int at = p + 2 * i * L;
      FloatVector x0 = fromArray(FLOATS, a, at);
      FloatVector x1 = fromArray(FLOATS, a, at + L);
      FloatVector wa = broadcast(FLOATS, values[w]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      FloatVector wb = broadcast(FLOATS, values[w + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      FloatVector wc = broadcast(FLOATS, values[w + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      FloatVector wd = broadcast(FLOATS, values[w + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      w += 4;
    }
    a0.intoArray(to, begin);
    a1.intoArray(to, begin + L);
    b0.intoArray(to, begin + 2 * L);
    b1.intoArray(to, begin + 3 * L);
    c0.intoArray(to, begin + 4 * L);
    c1.intoArray(to, begin + 5 * L);
    d0.intoArray(to, begin + 6 * L);
    d1.intoArray(to, begin + 7 * L);
  }

  /** One vector, four outputs; sums of every other weight side by side do not wait so long. */
  private static void one(
      float[] a,
      int count,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      float[] to,
      int begin) {
    FloatVector a0 = broadcast(FLOATS, bias[row]);
    FloatVector b0 = broadcast(FLOATS, bias[row + 1]);
    FloatVector c0 = broadcast(FLOATS, bias[row + 2]);
    FloatVector d0 = broadcast(FLOATS, bias[row + 3]);
    FloatVector a1 = broadcast(FLOATS, 0);
    FloatVector b1 = a1;
    FloatVector c1 = a1;
    FloatVector d1 = a1;
    int w = first;
    int i = 0;
    for (; i + 1 < count; i += 2) {
      FloatVector x0 = fromArray(FLOATS, a, p + i * L);
      FloatVector x1 = fromArray(FLOATS, a, p + (i + 1) * L);
      a0 = broadcast(FLOATS, values[w]).fma(x0, a0);
      b0 = broadcast(FLOATS, values[w + 1]).fma(x0, b0);
      c0 = broadcast(FLOATS, values[w + 2]).fma(x0, c0);
      d0 = broadcast(FLOATS, values[w + 3]).fma(x0, d0);
      a1 = broadcast(FLOATS, values[w + 4]).fma(x1, a1);
      b1 = broadcast(FLOATS, values[w + 5]).fma(x1, b1);
      c1 = broadcast(FLOATS, values[w + 6]).fma(x1, c1);
      d1 = broadcast(FLOATS, values[w + 7]).fma(x1, d1);
      w += 8;
    }
    for (; i < count; i++) {
      FloatVector x0 = fromArray(FLOATS, a, p + i * L);
      a0 = broadcast(FLOATS, values[w]).fma(x0, a0);
      b0 = broadcast(FLOATS, values[w + 1]).fma(x0, b0);
      c0 = broadcast(FLOATS, values[w + 2]).fma(x0, c0);
      d0 = broadcast(FLOATS, values[w + 3]).fma(x0, d0);
      w += 4;
    }
    a0.add(a1).intoArray(to, begin);
    b0.add(b1).intoArray(to, begin + L);
    c0.add(c1).intoArray(to, begin + 2 * L);
    d0.add(d1).intoArray(to, begin + 3 * L);
  }

  /**
   * Two vectors, six outputs.
   *
   * @param width 2, or 1 for a lone vector, which is multiplied twice
   */
  private static void six(
      float[] a,
      int count,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      int width,
      float[] to,
      int begin) {
    FloatVector a0 = broadcast(FLOATS, bias[row]);
    FloatVector a1 = a0;
    FloatVector b0 = broadcast(FLOATS, bias[row + 1]);
    FloatVector b1 = b0;
    FloatVector c0 = broadcast(FLOATS, bias[row + 2]);
    FloatVector c1 = c0;
    FloatVector d0 = broadcast(FLOATS, bias[row + 3]);
    FloatVector d1 = d0;
    FloatVector e0 = broadcast(FLOATS, bias[row + 4]);
    FloatVector e1 = e0;
    FloatVector f0 = broadcast(FLOATS, bias[row + 5]);
    FloatVector f1 = f0;
    int w = first;
    int second = (width - 1) * L;
    for (int i = 0; i < count; i++) {
      int at = p + width * i * L;
      FloatVector x0 = fromArray(FLOATS, a, at);
      FloatVector x1 = fromArray(FLOATS, a, at + second);
      FloatVector wa = broadcast(FLOATS, values[w]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      FloatVector wb = broadcast(FLOATS, values[w + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      FloatVector wc = broadcast(FLOATS, values[w + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      FloatVector wd = broadcast(FLOATS, values[w + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      FloatVector we = broadcast(FLOATS, values[w + 4]);
      e0 = we.fma(x0, e0);
      e1 = we.fma(x1, e1);
      FloatVector wf = broadcast(FLOATS, values[w + 5]);
      f0 = wf.fma(x0, f0);
      f1 = wf.fma(x1, f1);
      w += 6;
    }
    a0.intoArray(to, begin);
    a1.intoArray(to, begin + L);
    b0.intoArray(to, begin + 2 * L);
    b1.intoArray(to, begin + 3 * L);
    c0.intoArray(to, begin + 4 * L);
    c1.intoArray(to, begin + 5 * L);
    d0.intoArray(to, begin + 6 * L);
    d1.intoArray(to, begin + 7 * L);
    e0.intoArray(to, begin + 8 * L);
    e1.intoArray(to, begin + 9 * L);
    f0.intoArray(to, begin + 10 * L);
    f1.intoArray(to, begin + 11 * L);
  }
}
