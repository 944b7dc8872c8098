package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Where sums of dense layers go, and what becomes of them on the way.
 *
 * @param planes one for each output
 * @param residual first float of what is added to the sums; -1 for nothing
 */
public record Sums(Planes planes, int residual, Clamp clamp) {
  /**
   * Stores a vector.
   *
   * @param sums where it lies
   * @param from its first float there
   * @param place floats from the first plane's first
   */
  void store(float[] a, float[] sums, int from, int place) {
    store(a, sums, from, place, true, true);
  }

  /**
   * Stores a vector of sums over some of the weights. Until the last of them, sums wait where
   * outputs go.
   *
   * @param first whether there are none before
   * @param last whether there are none behind
   */
  void store(float[] a, float[] sums, int from, int place, boolean first, boolean last) {
    FloatVector sum = fromArray(FLOATS, sums, from);
    int added = first ? residual : planes.base();
    if (added >= 0) {
      sum = sum.add(fromArray(FLOATS, a, added + place));
    }
    // not the vectors' own max and min, which tell 0 from -0 and so take several times as long
    if (last && clamp.low() > Float.NEGATIVE_INFINITY) {
      FloatVector low = broadcast(FLOATS, clamp.low());
      sum = sum.blend(low, sum.compare(VectorOperators.LT, low));
    }
    if (last && clamp.high() < Float.POSITIVE_INFINITY) {
      FloatVector high = broadcast(FLOATS, clamp.high());
      sum = sum.blend(high, sum.compare(VectorOperators.GT, high));
    }
    sum.intoArray(a, planes.base() + place);
  }

  /** Completes the planes of some outputs; there may be fewer planes than groups have outputs. */
  void complete(float[] a, int from, int to) {
    planes.complete(a, Math.min(planes.count(), from), Math.min(planes.count(), to));
  }
}
