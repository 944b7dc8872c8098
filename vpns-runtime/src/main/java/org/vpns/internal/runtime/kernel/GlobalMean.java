package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * The mean of each map. Positions outside of the map must be zeros.
 *
 * @param out first float of the output, one number for each plane
 * @param places of a plane's vectors
 * @param share what sums are multiplied with
 * @param lanes that hold a block, the first ones
 */
public record GlobalMean(Planes in, int out, int[] places, float share, int lanes) implements Step {
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
    float share = 1f / ((float) geometry.height() * geometry.width());
    return new GlobalMean(in, out, places, share, geometry.gridY() * geometry.gridX());
  }

  @Override
  public void run(float[] a, int part, int parts) {
    float[] sums = Scratch.floats();
    int end = in.begin(part + 1, parts);
    for (int c = in.begin(part, parts); c < end; c++) {
      a[out + c] = sum(a, in.at(c), sums) * share;
    }
  }

  /**
   * Lanes are added as single numbers: the compiler does not always look into how vectors do it.
   */
  private float sum(float[] a, int plane, float[] sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int place : places) {
      sum = sum.add(fromArray(FLOATS, a, plane + place));
    }
    sum.intoArray(sums, 0);
    float all = 0;
    for (int lane = 0; lane < lanes; lane++) {
      all += sums[lane];
    }
    return all;
  }
}
