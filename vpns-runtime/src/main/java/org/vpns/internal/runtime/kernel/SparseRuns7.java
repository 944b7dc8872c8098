package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link SparseTiles} whose runs are seven vectors long. */
final class SparseRuns7 {
  private static final int L = Wide.LANES;

  private SparseRuns7() {}

  static void run(
      float[] a,
      SparseRows s,
      int in,
      int out,
      int step,
      int delta,
      int r0,
      int r1,
      boolean adds,
      Clamp clamp) {
    boolean atLeast = clamp.low() > Float.NEGATIVE_INFINITY;
    boolean atMost = clamp.high() < Float.POSITIVE_INFINITY;
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    int[] starts = s.starts();
    int[] offsets = s.offsets();
    float[] values = s.values();
    float[] bias = s.bias();
    for (int r = r0; r < r1; r++) {
      int p0 = out + r * step;
      int q0 = p0 + delta;
      int k = starts[r];
      int end = starts[r + 1];
      FloatVector a0;
      FloatVector a1;
      FloatVector a2;
      FloatVector a3;
      FloatVector a4;
      FloatVector a5;
      FloatVector a6;
      FloatVector b0;
      FloatVector b1;
      FloatVector b2;
      FloatVector b3;
      FloatVector b4;
      FloatVector b5;
      FloatVector b6;
      if (adds) {
        a0 = fromArray(FLOATS, a, p0);
        a1 = fromArray(FLOATS, a, p0 + L);
        a2 = fromArray(FLOATS, a, p0 + 2 * L);
        a3 = fromArray(FLOATS, a, p0 + 3 * L);
        a4 = fromArray(FLOATS, a, p0 + 4 * L);
        a5 = fromArray(FLOATS, a, p0 + 5 * L);
        a6 = fromArray(FLOATS, a, p0 + 6 * L);
        b0 = fromArray(FLOATS, a, q0);
        b1 = fromArray(FLOATS, a, q0 + L);
        b2 = fromArray(FLOATS, a, q0 + 2 * L);
        b3 = fromArray(FLOATS, a, q0 + 3 * L);
        b4 = fromArray(FLOATS, a, q0 + 4 * L);
        b5 = fromArray(FLOATS, a, q0 + 5 * L);
        b6 = fromArray(FLOATS, a, q0 + 6 * L);
      } else {
        a0 = broadcast(FLOATS, bias[r]);
        a1 = a0;
        a2 = a0;
        a3 = a0;
        a4 = a0;
        a5 = a0;
        a6 = a0;
        b0 = a0;
        b1 = a0;
        b2 = a0;
        b3 = a0;
        b4 = a0;
        b5 = a0;
        b6 = a0;
      }
      for (; k < end; k++) {
        FloatVector w = broadcast(FLOATS, values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(fromArray(FLOATS, a, p), a0);
        a1 = w.fma(fromArray(FLOATS, a, p + L), a1);
        a2 = w.fma(fromArray(FLOATS, a, p + 2 * L), a2);
        a3 = w.fma(fromArray(FLOATS, a, p + 3 * L), a3);
        a4 = w.fma(fromArray(FLOATS, a, p + 4 * L), a4);
        a5 = w.fma(fromArray(FLOATS, a, p + 5 * L), a5);
        a6 = w.fma(fromArray(FLOATS, a, p + 6 * L), a6);
        b0 = w.fma(fromArray(FLOATS, a, q), b0);
        b1 = w.fma(fromArray(FLOATS, a, q + L), b1);
        b2 = w.fma(fromArray(FLOATS, a, q + 2 * L), b2);
        b3 = w.fma(fromArray(FLOATS, a, q + 3 * L), b3);
        b4 = w.fma(fromArray(FLOATS, a, q + 4 * L), b4);
        b5 = w.fma(fromArray(FLOATS, a, q + 5 * L), b5);
        b6 = w.fma(fromArray(FLOATS, a, q + 6 * L), b6);
      }
      if (atLeast) {
        a0 = a0.blend(low, a0.compare(VectorOperators.LT, low));
        a1 = a1.blend(low, a1.compare(VectorOperators.LT, low));
        a2 = a2.blend(low, a2.compare(VectorOperators.LT, low));
        a3 = a3.blend(low, a3.compare(VectorOperators.LT, low));
        a4 = a4.blend(low, a4.compare(VectorOperators.LT, low));
        a5 = a5.blend(low, a5.compare(VectorOperators.LT, low));
        a6 = a6.blend(low, a6.compare(VectorOperators.LT, low));
        b0 = b0.blend(low, b0.compare(VectorOperators.LT, low));
        b1 = b1.blend(low, b1.compare(VectorOperators.LT, low));
        b2 = b2.blend(low, b2.compare(VectorOperators.LT, low));
        b3 = b3.blend(low, b3.compare(VectorOperators.LT, low));
        b4 = b4.blend(low, b4.compare(VectorOperators.LT, low));
        b5 = b5.blend(low, b5.compare(VectorOperators.LT, low));
        b6 = b6.blend(low, b6.compare(VectorOperators.LT, low));
      }
      if (atMost) {
        a0 = a0.blend(high, a0.compare(VectorOperators.GT, high));
        a1 = a1.blend(high, a1.compare(VectorOperators.GT, high));
        a2 = a2.blend(high, a2.compare(VectorOperators.GT, high));
        a3 = a3.blend(high, a3.compare(VectorOperators.GT, high));
        a4 = a4.blend(high, a4.compare(VectorOperators.GT, high));
        a5 = a5.blend(high, a5.compare(VectorOperators.GT, high));
        a6 = a6.blend(high, a6.compare(VectorOperators.GT, high));
        b0 = b0.blend(high, b0.compare(VectorOperators.GT, high));
        b1 = b1.blend(high, b1.compare(VectorOperators.GT, high));
        b2 = b2.blend(high, b2.compare(VectorOperators.GT, high));
        b3 = b3.blend(high, b3.compare(VectorOperators.GT, high));
        b4 = b4.blend(high, b4.compare(VectorOperators.GT, high));
        b5 = b5.blend(high, b5.compare(VectorOperators.GT, high));
        b6 = b6.blend(high, b6.compare(VectorOperators.GT, high));
      }
      a0.intoArray(a, p0);
      a1.intoArray(a, p0 + L);
      a2.intoArray(a, p0 + 2 * L);
      a3.intoArray(a, p0 + 3 * L);
      a4.intoArray(a, p0 + 4 * L);
      a5.intoArray(a, p0 + 5 * L);
      a6.intoArray(a, p0 + 6 * L);
      b0.intoArray(a, q0);
      b1.intoArray(a, q0 + L);
      b2.intoArray(a, q0 + 2 * L);
      b3.intoArray(a, q0 + 3 * L);
      b4.intoArray(a, q0 + 4 * L);
      b5.intoArray(a, q0 + 5 * L);
      b6.intoArray(a, q0 + 6 * L);
    }
  }
}
