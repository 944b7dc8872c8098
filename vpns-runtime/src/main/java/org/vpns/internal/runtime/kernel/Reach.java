package org.vpns.internal.runtime.kernel;

import java.util.Arrays;
import org.vpns.Problem;

/** What a step may read. */
final class Reach {
  private Reach() {}

  /**
   * Checks a step.
   *
   * @param offsets floats from where it computes to what it reads
   * @param first float of a plane where it computes
   * @param end behind the last one
   * @param in first float of its input
   * @param reach floats from the input's first one to behind the last that may be read
   * @throws IllegalArgumentException if it reads what is no tensor's
   */
  static void requireInside(int[] offsets, int first, int end, int in, long reach) {
    int least = Arrays.stream(offsets).min().orElse(0);
    int most = Arrays.stream(offsets).max().orElse(0);
    if (least + first < -in || (long) most + end > reach) {
      throw Problem.argument(
          "weight that reads outside of its input",
          "sparse runtime",
          "offsets from " + -(long) in + " to " + reach,
          (least + first) + " to " + ((long) most + end),
          "report this network");
    }
  }
}
