package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;

/** {@link SparseTiles} whose runs are one vector long, two weights at a time. */
final class SparseRuns1 {
  private static final int L = Wide.LANES;

  private SparseRuns1() {}

  static void run(
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
      a0 = a0.add(a0x);
      b0 = b0.add(b0x);
      int p = out + r * step;
      int q = p + delta;
      a0.max(low).min(high).intoArray(a, p);
      b0.max(low).min(high).intoArray(a, q);
    }
  }
}
