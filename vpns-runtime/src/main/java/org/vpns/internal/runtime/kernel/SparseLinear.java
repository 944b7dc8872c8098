package org.vpns.internal.runtime.kernel;

/**
 * A linear layer whose removed weights cost nothing.
 *
 * @param rows offsets are counted from the input's first float
 * @param in first float of the input
 * @param out first float of the output
 */
public record SparseLinear(SparseRows rows, int in, int out, Clamp clamp) implements Step {
  @Override
  public void run(float[] a, int part, int parts) {
    int end = Wide.begin(rows.rows(), part + 1, parts);
    for (int r = Wide.begin(rows.rows(), part, parts); r < end; r++) {
      a[out + r] = clamp.of(rows.bias()[r] + sum(a, rows.starts()[r], rows.starts()[r + 1]));
    }
  }

  /** Four sums, which do not wait for each other. */
  private float sum(float[] a, int k0, int k1) {
    int[] offsets = rows.offsets();
    float[] values = rows.values();
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int k = k0;
    for (; k + 3 < k1; k += 4) {
      s0 += values[k] * a[in + offsets[k]];
      s1 += values[k + 1] * a[in + offsets[k + 1]];
      s2 += values[k + 2] * a[in + offsets[k + 2]];
      s3 += values[k + 3] * a[in + offsets[k + 3]];
    }
    for (; k < k1; k++) {
      s0 += values[k] * a[in + offsets[k]];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
