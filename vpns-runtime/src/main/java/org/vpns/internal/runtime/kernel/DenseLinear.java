package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A linear layer whose weights are mostly there.
 *
 * @param weight row-major, a row for each output
 * @param bias one number for each output
 * @param in first float of the input
 * @param out first float of the output
 */
public record DenseLinear(float[] weight, float[] bias, int in, int out, Clamp clamp)
    implements Step {
  @Override
  public void run(float[] a, int part, int parts) {
    int width = bias.length == 0 ? 0 : weight.length / bias.length;
    int end = Wide.begin(bias.length, part + 1, parts);
    for (int r = Wide.begin(bias.length, part, parts); r < end; r++) {
      a[out + r] = clamp.of(bias[r] + product(a, r * width, width));
    }
  }

  private float product(float[] a, int row, int width) {
    FloatVector s0 = FloatVector.zero(Wide.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i + 4 * Wide.LANES <= width; i += 4 * Wide.LANES) {
      int w = row + i;
      int x = in + i;
      s0 = Wide.load(weight, w).fma(Wide.load(a, x), s0);
      s1 = Wide.load(weight, w + Wide.LANES).fma(Wide.load(a, x + Wide.LANES), s1);
      s2 = Wide.load(weight, w + 2 * Wide.LANES).fma(Wide.load(a, x + 2 * Wide.LANES), s2);
      s3 = Wide.load(weight, w + 3 * Wide.LANES).fma(Wide.load(a, x + 3 * Wide.LANES), s3);
    }
    float sum = s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    for (; i < width; i++) {
      sum += weight[row + i] * a[in + i];
    }
    return sum;
  }
}
