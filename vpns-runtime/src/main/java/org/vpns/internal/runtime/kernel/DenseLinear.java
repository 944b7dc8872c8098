package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;

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
    float[] sums = Scratch.floats();
    int width = bias.length == 0 ? 0 : weight.length / bias.length;
    int end = Wide.begin(bias.length, part + 1, parts);
    for (int r = Wide.begin(bias.length, part, parts); r < end; r++) {
      a[out + r] = clamp.of(bias[r] + product(a, r * width, width, sums));
    }
  }

  /**
   * Lanes are added as single numbers: the order in which vectors do it changes once the compiler
   * has looked into that.
   */
  private float product(float[] a, int row, int width, float[] sums) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i + 4 * Wide.LANES <= width; i += 4 * Wide.LANES) {
      int w = row + i;
      int x = in + i;
      s0 = fromArray(FLOATS, weight, w).fma(fromArray(FLOATS, a, x), s0);
      s1 = fromArray(FLOATS, weight, w + Wide.LANES).fma(fromArray(FLOATS, a, x + Wide.LANES), s1);
      s2 =
          fromArray(FLOATS, weight, w + 2 * Wide.LANES)
              .fma(fromArray(FLOATS, a, x + 2 * Wide.LANES), s2);
      s3 =
          fromArray(FLOATS, weight, w + 3 * Wide.LANES)
              .fma(fromArray(FLOATS, a, x + 3 * Wide.LANES), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoArray(sums, 0);
    for (int half = Wide.LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        sums[lane] += sums[lane + half];
      }
    }
    float sum = sums[0];
    for (; i < width; i++) {
      sum += weight[row + i] * a[in + i];
    }
    return sum;
  }
}
