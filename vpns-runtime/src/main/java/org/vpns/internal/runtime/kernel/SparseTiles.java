package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * Sums over the weights that are not 0. A weight is read once for all vectors of a tile; what it is
 * multiplied with is loaded by the multiply-add itself.
 */
final class SparseTiles {
  /** Lengths of the runs, two of which make a tile. */
  static final int[] WIDTHS = {7, 4, 2, 1};

  private static final int L = Wide.LANES;

  private SparseTiles() {}

  /**
   * A tile of several outputs.
   *
   * @param in where the tile's input begins
   * @param out where the tile lies in the first output
   * @param step floats from an output to the next
   * @param delta floats from a run to the other
   * @param r0 first output
   * @param r1 behind the last output
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
      Clamp clamp) {
    switch (width) {
      case 7 -> runs7(a, s, in, out, step, delta, r0, r1, clamp);
      case 4 -> runs4(a, s, in, out, step, delta, r0, r1, clamp);
      case 2 -> runs2(a, s, in, out, step, delta, r0, r1, clamp);
      default -> runs1(a, s, in, out, step, delta, r0, r1, clamp);
    }
  }

  private static void runs7(
      float[] a, SparseRows s, int in, int out, int step, int delta, int r0, int r1, Clamp clamp) {
    FloatVector low = clamp.lows();
    FloatVector high = clamp.highs();
    int[] starts = s.starts();
    int[] offsets = s.offsets();
    float[] values = s.values();
    for (int r = r0; r < r1; r++) {
      FloatVector a0 = Wide.all(s.bias()[r]);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector a4 = a0;
      FloatVector a5 = a0;
      FloatVector a6 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
      FloatVector b4 = a0;
      FloatVector b5 = a0;
      FloatVector b6 = a0;
      for (int k = starts[r]; k < starts[r + 1]; k++) {
        FloatVector w = Wide.all(values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(Wide.load(a, p), a0);
        a1 = w.fma(Wide.load(a, p + L), a1);
        a2 = w.fma(Wide.load(a, p + 2 * L), a2);
        a3 = w.fma(Wide.load(a, p + 3 * L), a3);
        a4 = w.fma(Wide.load(a, p + 4 * L), a4);
        a5 = w.fma(Wide.load(a, p + 5 * L), a5);
        a6 = w.fma(Wide.load(a, p + 6 * L), a6);
        b0 = w.fma(Wide.load(a, q), b0);
        b1 = w.fma(Wide.load(a, q + L), b1);
        b2 = w.fma(Wide.load(a, q + 2 * L), b2);
        b3 = w.fma(Wide.load(a, q + 3 * L), b3);
        b4 = w.fma(Wide.load(a, q + 4 * L), b4);
        b5 = w.fma(Wide.load(a, q + 5 * L), b5);
        b6 = w.fma(Wide.load(a, q + 6 * L), b6);
      }
      int p = out + r * step;
      int q = p + delta;
      a0.max(low).min(high).intoArray(a, p);
      a1.max(low).min(high).intoArray(a, p + L);
      a2.max(low).min(high).intoArray(a, p + 2 * L);
      a3.max(low).min(high).intoArray(a, p + 3 * L);
      a4.max(low).min(high).intoArray(a, p + 4 * L);
      a5.max(low).min(high).intoArray(a, p + 5 * L);
      a6.max(low).min(high).intoArray(a, p + 6 * L);
      b0.max(low).min(high).intoArray(a, q);
      b1.max(low).min(high).intoArray(a, q + L);
      b2.max(low).min(high).intoArray(a, q + 2 * L);
      b3.max(low).min(high).intoArray(a, q + 3 * L);
      b4.max(low).min(high).intoArray(a, q + 4 * L);
      b5.max(low).min(high).intoArray(a, q + 5 * L);
      b6.max(low).min(high).intoArray(a, q + 6 * L);
    }
  }

  private static void runs4(
      float[] a, SparseRows s, int in, int out, int step, int delta, int r0, int r1, Clamp clamp) {
    FloatVector low = clamp.lows();
    FloatVector high = clamp.highs();
    int[] starts = s.starts();
    int[] offsets = s.offsets();
    float[] values = s.values();
    for (int r = r0; r < r1; r++) {
      FloatVector a0 = Wide.all(s.bias()[r]);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
      for (int k = starts[r]; k < starts[r + 1]; k++) {
        FloatVector w = Wide.all(values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(Wide.load(a, p), a0);
        a1 = w.fma(Wide.load(a, p + L), a1);
        a2 = w.fma(Wide.load(a, p + 2 * L), a2);
        a3 = w.fma(Wide.load(a, p + 3 * L), a3);
        b0 = w.fma(Wide.load(a, q), b0);
        b1 = w.fma(Wide.load(a, q + L), b1);
        b2 = w.fma(Wide.load(a, q + 2 * L), b2);
        b3 = w.fma(Wide.load(a, q + 3 * L), b3);
      }
      int p = out + r * step;
      int q = p + delta;
      a0.max(low).min(high).intoArray(a, p);
      a1.max(low).min(high).intoArray(a, p + L);
      a2.max(low).min(high).intoArray(a, p + 2 * L);
      a3.max(low).min(high).intoArray(a, p + 3 * L);
      b0.max(low).min(high).intoArray(a, q);
      b1.max(low).min(high).intoArray(a, q + L);
      b2.max(low).min(high).intoArray(a, q + 2 * L);
      b3.max(low).min(high).intoArray(a, q + 3 * L);
    }
  }

  private static void runs2(
      float[] a, SparseRows s, int in, int out, int step, int delta, int r0, int r1, Clamp clamp) {
    FloatVector low = clamp.lows();
    FloatVector high = clamp.highs();
    int[] starts = s.starts();
    int[] offsets = s.offsets();
    float[] values = s.values();
    for (int r = r0; r < r1; r++) {
      FloatVector a0 = Wide.all(s.bias()[r]);
      FloatVector a1 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector a0x = FloatVector.zero(Wide.FLOATS);
      FloatVector a1x = a0x;
      FloatVector b0x = a0x;
      FloatVector b1x = a0x;
      int k = starts[r];
      int end = starts[r + 1];
      for (; k + 1 < end; k += 2) {
        FloatVector w = Wide.all(values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(Wide.load(a, p), a0);
        a1 = w.fma(Wide.load(a, p + L), a1);
        b0 = w.fma(Wide.load(a, q), b0);
        b1 = w.fma(Wide.load(a, q + L), b1);
        FloatVector v = Wide.all(values[k + 1]);
        p = in + offsets[k + 1];
        q = p + delta;
        a0x = v.fma(Wide.load(a, p), a0x);
        a1x = v.fma(Wide.load(a, p + L), a1x);
        b0x = v.fma(Wide.load(a, q), b0x);
        b1x = v.fma(Wide.load(a, q + L), b1x);
      }
      if (k < end) {
        FloatVector w = Wide.all(values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(Wide.load(a, p), a0);
        a1 = w.fma(Wide.load(a, p + L), a1);
        b0 = w.fma(Wide.load(a, q), b0);
        b1 = w.fma(Wide.load(a, q + L), b1);
      }
      int p = out + r * step;
      int q = p + delta;
      a0.add(a0x).max(low).min(high).intoArray(a, p);
      a1.add(a1x).max(low).min(high).intoArray(a, p + L);
      b0.add(b0x).max(low).min(high).intoArray(a, q);
      b1.add(b1x).max(low).min(high).intoArray(a, q + L);
    }
  }

  private static void runs1(
      float[] a, SparseRows s, int in, int out, int step, int delta, int r0, int r1, Clamp clamp) {
    FloatVector low = clamp.lows();
    FloatVector high = clamp.highs();
    int[] starts = s.starts();
    int[] offsets = s.offsets();
    float[] values = s.values();
    for (int r = r0; r < r1; r++) {
      FloatVector a0 = Wide.all(s.bias()[r]);
      FloatVector b0 = a0;
      FloatVector a0x = FloatVector.zero(Wide.FLOATS);
      FloatVector b0x = a0x;
      int k = starts[r];
      int end = starts[r + 1];
      for (; k + 1 < end; k += 2) {
        FloatVector w = Wide.all(values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(Wide.load(a, p), a0);
        b0 = w.fma(Wide.load(a, q), b0);
        FloatVector v = Wide.all(values[k + 1]);
        p = in + offsets[k + 1];
        q = p + delta;
        a0x = v.fma(Wide.load(a, p), a0x);
        b0x = v.fma(Wide.load(a, q), b0x);
      }
      if (k < end) {
        FloatVector w = Wide.all(values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(Wide.load(a, p), a0);
        b0 = w.fma(Wide.load(a, q), b0);
      }
      int p = out + r * step;
      int q = p + delta;
      a0.add(a0x).max(low).min(high).intoArray(a, p);
      b0.add(b0x).max(low).min(high).intoArray(a, q);
    }
  }
}
