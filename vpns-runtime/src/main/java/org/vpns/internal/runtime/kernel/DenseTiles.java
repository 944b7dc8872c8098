package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;

/** Sums over all weights, for some outputs at once, so that what is loaded serves all of them. */
final class DenseTiles {
  /**
   * Outputs of a group: four, of four vectors each, or six of two where there are 16 registers
   * only.
   */
  static final int OUTPUTS = Wide.LANES >= 16 ? 4 : 6;

  private static final int L = Wide.LANES;

  private DenseTiles() {}

  /**
   * Two runs of two vectors, four outputs.
   *
   * @param offsets for each weight of an output, floats to what it is multiplied with
   * @param values weights, four outputs side by side
   * @param first of the group's values
   * @param bias four numbers from {@code row} on
   * @param p where the tile's input begins
   * @param delta floats from a run to the other
   * @param to gets the sums, 16 vectors
   */
  static void four(
      float[] a,
      int[] offsets,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      int delta,
      float[] to) {
    FloatVector a0 = Wide.all(bias[row]);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector b0 = Wide.all(bias[row + 1]);
    FloatVector b1 = b0;
    FloatVector b2 = b0;
    FloatVector b3 = b0;
    FloatVector c0 = Wide.all(bias[row + 2]);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector d0 = Wide.all(bias[row + 3]);
    FloatVector d1 = d0;
    FloatVector d2 = d0;
    FloatVector d3 = d0;
    int w = first;
    for (int offset : offsets) {
      int at = p + offset;
      FloatVector x0 = Wide.load(a, at);
      FloatVector x1 = Wide.load(a, at + L);
      FloatVector x2 = Wide.load(a, at + delta);
      FloatVector x3 = Wide.load(a, at + delta + L);
      FloatVector wa = Wide.all(values[w]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      a2 = wa.fma(x2, a2);
      a3 = wa.fma(x3, a3);
      FloatVector wb = Wide.all(values[w + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      b2 = wb.fma(x2, b2);
      b3 = wb.fma(x3, b3);
      FloatVector wc = Wide.all(values[w + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      c2 = wc.fma(x2, c2);
      c3 = wc.fma(x3, c3);
      FloatVector wd = Wide.all(values[w + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      d2 = wd.fma(x2, d2);
      d3 = wd.fma(x3, d3);
      w += 4;
    }
    put(to, 0, a0, a1);
    put(to, 2 * L, a2, a3);
    put(to, 4 * L, b0, b1);
    put(to, 6 * L, b2, b3);
    put(to, 8 * L, c0, c1);
    put(to, 10 * L, c2, c3);
    put(to, 12 * L, d0, d1);
    put(to, 14 * L, d2, d3);
  }

  /** Two runs of one vector, four outputs. */
  static void two(
      float[] a,
      int[] offsets,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      int delta,
      float[] to) {
    FloatVector a0 = Wide.all(bias[row]);
    FloatVector a1 = a0;
    FloatVector b0 = Wide.all(bias[row + 1]);
    FloatVector b1 = b0;
    FloatVector c0 = Wide.all(bias[row + 2]);
    FloatVector c1 = c0;
    FloatVector d0 = Wide.all(bias[row + 3]);
    FloatVector d1 = d0;
    int w = first;
    for (int offset : offsets) {
      int at = p + offset;
      FloatVector x0 = Wide.load(a, at);
      FloatVector x1 = Wide.load(a, at + delta);
      FloatVector wa = Wide.all(values[w]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      FloatVector wb = Wide.all(values[w + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      FloatVector wc = Wide.all(values[w + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      FloatVector wd = Wide.all(values[w + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      w += 4;
    }
    put(to, 0, a0, a1);
    put(to, 2 * L, b0, b1);
    put(to, 4 * L, c0, c1);
    put(to, 6 * L, d0, d1);
  }

  /** Two runs of one vector, six outputs. */
  static void six(
      float[] a,
      int[] offsets,
      float[] values,
      int first,
      float[] bias,
      int row,
      int p,
      int delta,
      float[] to) {
    FloatVector a0 = Wide.all(bias[row]);
    FloatVector a1 = a0;
    FloatVector b0 = Wide.all(bias[row + 1]);
    FloatVector b1 = b0;
    FloatVector c0 = Wide.all(bias[row + 2]);
    FloatVector c1 = c0;
    FloatVector d0 = Wide.all(bias[row + 3]);
    FloatVector d1 = d0;
    FloatVector e0 = Wide.all(bias[row + 4]);
    FloatVector e1 = e0;
    FloatVector f0 = Wide.all(bias[row + 5]);
    FloatVector f1 = f0;
    int w = first;
    for (int offset : offsets) {
      int at = p + offset;
      FloatVector x0 = Wide.load(a, at);
      FloatVector x1 = Wide.load(a, at + delta);
      FloatVector wa = Wide.all(values[w]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      FloatVector wb = Wide.all(values[w + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      FloatVector wc = Wide.all(values[w + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      FloatVector wd = Wide.all(values[w + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      FloatVector we = Wide.all(values[w + 4]);
      e0 = we.fma(x0, e0);
      e1 = we.fma(x1, e1);
      FloatVector wf = Wide.all(values[w + 5]);
      f0 = wf.fma(x0, f0);
      f1 = wf.fma(x1, f1);
      w += 6;
    }
    put(to, 0, a0, a1);
    put(to, 2 * L, b0, b1);
    put(to, 4 * L, c0, c1);
    put(to, 6 * L, d0, d1);
    put(to, 8 * L, e0, e1);
    put(to, 10 * L, f0, f1);
  }

  /** Short enough for the compiler to look into it even where it is called seldom. */
  private static void put(float[] to, int at, FloatVector v0, FloatVector v1) {
    v0.intoArray(to, at);
    v1.intoArray(to, at + L);
  }
}
