package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The mean of each map. Positions outside of the map must be zeros. */
public final class GlobalMean implements Step {
  private final Planes in;
  private final int out;
  private final int[] places;
  private final float share;
  private final int[] lanes = new int[Wide.LANES];

  /**
   * @param out first float of the output, one number for each plane
   */
  public GlobalMean(Planes in, int out, Geometry geometry) {
    this.in = in;
    this.out = out;
    this.share = 1f / ((float) geometry.height() * geometry.width());
    this.places = new int[geometry.blockY() * geometry.blockX()];
    for (int i = 0; i < places.length; i++) {
      places[i] = geometry.position(i / geometry.blockX(), i % geometry.blockX()) * Wide.LANES;
    }
    for (int i = 0; i < geometry.gridY() * geometry.gridX(); i++) {
      lanes[i] = -1;
    }
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
