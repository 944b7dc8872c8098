package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Scales and shifts each plane.
 *
 * @param scale one number for each channel
 * @param shift one number for each channel
 * @param flat whether channels are single values, one after the other
 */
public record Affine(Planes in, Planes out, float[] scale, float[] shift, boolean flat, Clamp clamp)
    implements Step {
  @Override
  public void run(float[] a, int part, int parts) {
    int begin = Wide.begin(scale.length, part, parts);
    int end = Wide.begin(scale.length, part + 1, parts);
    if (flat) {
      for (int c = begin; c < end; c++) {
        a[out.base() + c] = clamp.of(Math.fma(a[in.base() + c], scale[c], shift[c]));
      }
      return;
    }
    for (int c = begin; c < end; c++) {
      plane(a, c);
    }
    out.complete(a, begin, end);
  }

  private void plane(float[] a, int c) {
    FloatVector s = broadcast(FLOATS, scale[c]);
    FloatVector t = broadcast(FLOATS, shift[c]);
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    int source = in.at(c);
    int target = out.at(c);
    for (int i = 0; i < out.plane(); i += Wide.LANES) {
      fromArray(FLOATS, a, source + i).fma(s, t).max(low).min(high).intoArray(a, target + i);
    }
  }
}
