package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;

/** {@link SparseTiles} whose runs are four vectors long. */
final class SparseRuns4 {
  private static final int L = Wide.LANES;

  private SparseRuns4() {}

  static void run(
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
}
