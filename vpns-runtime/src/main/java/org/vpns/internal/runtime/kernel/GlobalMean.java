package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The mean of each map. Positions outside of the map must be zeros. */
public final class GlobalMean implements Step {
  private final Planes in;
  private final int out;
  private final Geometry geometry;
  private final int[] lanes = new int[Wide.LANES];

  /**
   * @param out first float of the output, one number for each plane
   */
  public GlobalMean(Planes in, int out, Geometry geometry) {
    this.in = in;
    this.out = out;
    this.geometry = geometry;
    for (int i = 0; i < geometry.gridY() * geometry.gridX(); i++) {
      lanes[i] = -1;
    }
  }

  @Override
  public void run(float[] a, int part, int parts) {
    float share = 1f / ((float) geometry.height() * geometry.width());
    int end = in.begin(part + 1, parts);
    for (int c = in.begin(part, parts); c < end; c++) {
      a[out + c] = sum(a, in.at(c)) * share;
    }
  }

  private float sum(float[] a, int plane) {
    FloatVector sum = FloatVector.zero(Wide.FLOATS);
    for (int y = 0; y < geometry.blockY(); y++) {
      int row = plane + geometry.position(y, 0) * Wide.LANES;
      for (int x = 0; x < geometry.blockX(); x++) {
        sum = sum.add(Wide.load(a, row + x * Wide.LANES));
      }
    }
    return sum.reinterpretAsInts()
        .and(IntVector.fromArray(Wide.INTS, lanes, 0))
        .reinterpretAsFloats()
        .reduceLanes(VectorOperators.ADD);
  }
}
