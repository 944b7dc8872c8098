package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The largest value, or a mean, of the window of every position.
 *
 * @param taps floats from a window's place to its values
 * @param from floats from a plane's first to each position's window
 * @param to floats from a plane's first to each position of the output
 * @param factors for means, what sums are multiplied with, a vector for each position; empty for
 *     the largest value
 * @param atLeastZero whether no value is below 0
 */
public record Pool(
    Planes in, Planes out, int[] taps, int[] from, int[] to, float[] factors, boolean atLeastZero)
    implements Step {
  @Override
  public void run(float[] a, int part, int parts) {
    planes(a, out.begin(part, parts), out.begin(part + 1, parts), 0);
  }

  /**
   * Some of the planes.
   *
   * @param begin first plane
   * @param end behind the last plane
   * @param away floats from where their input would lie to where it is
   */
  void planes(float[] a, int begin, int end, int away) {
    for (int c = begin; c < end; c++) {
      int source = in.at(c) + away;
      if (factors.length > 0) {
        mean(a, source, out.at(c));
      } else if (atLeastZero) {
        largestBits(a, source, out.at(c));
      } else {
        largest(a, source, out.at(c));
      }
    }
    out.complete(a, begin, end);
  }

  private void largest(float[] a, int source, int target) {
    for (int i = 0; i < from.length; i++) {
      int p = source + from[i];
      FloatVector found = fromArray(FLOATS, a, p + taps[0]);
      for (int t = 1; t < taps.length; t++) {
        found = found.max(fromArray(FLOATS, a, p + taps[t]));
      }
      found.intoArray(a, target + to[i]);
    }
  }

  /** Floats of at least 0 are ordered as their bits are, and bits are compared at once. */
  private void largestBits(float[] a, int source, int target) {
    for (int i = 0; i < from.length; i++) {
      int p = source + from[i];
      IntVector found = fromArray(FLOATS, a, p + taps[0]).reinterpretAsInts();
      for (int t = 1; t < taps.length; t++) {
        found = found.max(fromArray(FLOATS, a, p + taps[t]).reinterpretAsInts());
      }
      found.reinterpretAsFloats().intoArray(a, target + to[i]);
    }
  }

  private void mean(float[] a, int source, int target) {
    for (int i = 0; i < from.length; i++) {
      int p = source + from[i];
      FloatVector sum = fromArray(FLOATS, a, p + taps[0]);
      for (int t = 1; t < taps.length; t++) {
        sum = sum.add(fromArray(FLOATS, a, p + taps[t]));
      }
      sum.mul(fromArray(FLOATS, factors, i * Wide.LANES)).intoArray(a, target + to[i]);
    }
  }
}
