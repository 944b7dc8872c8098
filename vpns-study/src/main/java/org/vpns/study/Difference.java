package org.vpns.study;

/**
 * The mean difference in accuracy of two methods over the seeds that both ran with, seed by seed.
 *
 * @param pairs number of common seeds, at least 1
 * @param mean mean of the differences, as a fraction: 0.01 = one percentage point
 * @param standardError standard deviation of the differences (divisor n - 1) over the root of n;
 *     NaN of one pair
 */
public record Difference(int pairs, double mean, double standardError) {
  /**
   * Differences of accuracies that are equal as counts may still differ in the last bits of a
   * double; no test set is so large that a spread below this is one.
   */
  private static final double NO_SPREAD = 1e-12;

  /** What may be said of a difference. */
  public enum Verdict {
    /** |mean| exceeds the threshold. */
    BEYOND_NOISE,
    /** |mean| does not exceed the threshold. */
    WITHIN_NOISE,
    /** Nothing: one seed, or seeds that show no spread from which noise could be judged. */
    UNKNOWN
  }

  static Difference of(double[] differences) {
    return new Difference(
        differences.length,
        Statistics.mean(differences),
        Statistics.deviation(differences) / Math.sqrt(differences.length));
  }

  /**
   * The size from which a difference counts as beyond noise: the 97.5 % quantile of Student's t
   * with {@code pairs - 1} degrees of freedom, times the standard error; NaN of one pair.
   */
  public double threshold() {
    return pairs < 2 ? Double.NaN : Statistics.t975(pairs - 1) * standardError;
  }

  /** What the figures allow to say. */
  public Verdict verdict() {
    if (pairs < 2) {
      return Verdict.UNKNOWN;
    }
    if (!(standardError > NO_SPREAD)) {
      return Math.abs(mean) > NO_SPREAD ? Verdict.UNKNOWN : Verdict.WITHIN_NOISE;
    }
    return Math.abs(mean) > threshold() ? Verdict.BEYOND_NOISE : Verdict.WITHIN_NOISE;
  }
}
