package org.vpns.internal.runtime.kernel;

/**
 * Combines values along an axis of a row-major tensor.
 *
 * @param outer product of the axes before
 * @param length of the axis
 * @param inner product of the axes behind
 */
public record Reduction(Kind kind, int in, int out, int outer, int length, int inner)
    implements Step {
  /** What becomes of them. */
  public enum Kind {
    /** Their mean. */
    MEAN,
    /** Their sum. */
    SUM,
    /** The largest. */
    MAX,
    /** The smallest. */
    MIN
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int end = Wide.begin(outer, part + 1, parts);
    for (int o = Wide.begin(outer, part, parts); o < end; o++) {
      for (int i = 0; i < inner; i++) {
        a[out + o * inner + i] = combined(a, in + o * length * inner + i);
      }
    }
  }

  private float combined(float[] a, int first) {
    double sum = a[first];
    for (int k = 1; k < length; k++) {
      float x = a[first + k * inner];
      switch (kind) {
        case MAX -> sum = Math.max(sum, x);
        case MIN -> sum = Math.min(sum, x);
        default -> sum += x;
      }
    }
    return (float) (kind == Kind.MEAN ? sum / length : sum);
  }
}
