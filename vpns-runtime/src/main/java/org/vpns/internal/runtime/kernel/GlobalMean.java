package org.vpns.internal.runtime.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The mean of each map. Positions outside of the map must be zeros.
 *
 * @param out first float of the output, one number for each plane
 * @param places of a plane's vectors
 * @param share what sums are multiplied with
 * @param lanes those that hold a block have all bits set
 */
public record GlobalMean(Planes in, int out, int[] places, float share, int[] lanes)
    implements Step {
  /**
   * Of maps.
   *
   * @param out first float of the output, one number for each plane
   */
  public static GlobalMean of(Planes in, int out, Geometry geometry) {
    int[] places = new int[geometry.blockY() * geometry.blockX()];
    for (int i = 0; i < places.length; i++) {
      places[i] = geometry.position(i / geometry.blockX(), i % geometry.blockX()) * Wide.LANES;
    }
    int[] lanes = new int[Wide.LANES];
    Arrays.fill(lanes, 0, geometry.gridY() * geometry.gridX(), -1);
    float share = 1f / ((float) geometry.height() * geometry.width());
    return new GlobalMean(in, out, places, share, lanes);
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int end = in.begin(part + 1, parts);
    for (int c = in.begin(part, parts); c < end; c++) {
      a[out + c] = sum(a, in.at(c)) * share;
    }
  }

  private float sum(float[] a, int plane) {
    FloatVector sum = FloatVector.zero(Wide.FLOATS);
    for (int place : places) {
      sum = sum.add(Wide.load(a, plane + place));
    }
    return sum.reinterpretAsInts()
        .and(IntVector.fromArray(Wide.INTS, lanes, 0))
        .reinterpretAsFloats()
        .reduceLanes(VectorOperators.ADD);
  }
}
