package org.vpns.study;

import org.vpns.internal.compare.Statistics;

/**
 * The mean difference in accuracy of two methods over the seeds that both ran with, seed by seed.
 *
 * @param pairs number of common seeds, at least 1
 * @param mean mean of the differences, as a fraction: 0.01 = one percentage point
 * @param standardError of the mean over seeds: standard deviation of the differences (divisor n -
 *     1) times the root of 1/n, or of 1/n + test/training images where seeds draw both from one
 *     pool; NaN of one pair, and where the number of training images is needed but not told
 * @param imageError standard error that the choice of test images gives, from which images only one
 *     of the two methods has right; where seeds have test images of their own, that of one such
 *     set. NaN where the reports do not tell
 * @param probability two-sided, by Student's t with n - 1 degrees of freedom, of a mean so far from
 *     0 where there is no difference; in a table after Holm's correction for its comparisons. NaN
 *     where nothing can be said
 */
public record Difference(
    int pairs, double mean, double standardError, double imageError, double probability) {
  /** What may be said of a difference. */
  public enum Verdict {
    /** The probability is below 5 %. */
    BEYOND_NOISE,
    /** The probability is at least 5 %. */
    WITHIN_NOISE,
    /** Nothing: one seed, or seeds that show no spread from which noise could be judged. */
    UNKNOWN
  }

  /**
   * One comparison by itself.
   *
   * @param differences seed by seed, at least one
   * @param testPerTraining test images per training image where seeds draw both anew, else 0
   */
  static Difference of(double[] differences, double testPerTraining, double imageError) {
    int pairs = differences.length;
    double mean = Statistics.mean(differences);
    double error =
        Statistics.standardError(Statistics.deviation(differences), pairs, testPerTraining);
    return new Difference(
        pairs, mean, error, imageError, Statistics.probability(mean, error, pairs));
  }

  Difference probability(double corrected) {
    return new Difference(pairs, mean, standardError, imageError, corrected);
  }

  /** What the figures allow to say. */
  public Verdict verdict() {
    if (Double.isNaN(probability)) {
      return Verdict.UNKNOWN;
    }
    return probability < Statistics.LEVEL ? Verdict.BEYOND_NOISE : Verdict.WITHIN_NOISE;
  }
}
