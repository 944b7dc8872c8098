package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link SparseTiles} whose runs are one vector long. */
final class SparseRuns1 {
  private SparseRuns1() {}

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
      FloatVector b0;
      if (adds) {
        a0 = fromArray(FLOATS, a, p0);
        b0 = fromArray(FLOATS, a, q0);
      } else {
        a0 = broadcast(FLOATS, bias[r]);
        b0 = a0;
      }
      for (; k < end; k++) {
        FloatVector w = broadcast(FLOATS, values[k]);
        int p = in + offsets[k];
        int q = p + delta;
        a0 = w.fma(fromArray(FLOATS, a, p), a0);
        b0 = w.fma(fromArray(FLOATS, a, q), b0);
      }
      if (atLeast) {
        a0 = a0.blend(low, a0.compare(VectorOperators.LT, low));
        b0 = b0.blend(low, b0.compare(VectorOperators.LT, low));
      }
      if (atMost) {
        a0 = a0.blend(high, a0.compare(VectorOperators.GT, high));
        b0 = b0.blend(high, b0.compare(VectorOperators.GT, high));
      }
      a0.intoArray(a, p0);
      b0.intoArray(a, q0);
    }
  }
}
