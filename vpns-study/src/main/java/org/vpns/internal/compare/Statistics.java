package org.vpns.internal.compare;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/** The few statistics that a comparison needs. */
public final class Statistics {
  /** Probability below which a difference counts as beyond noise. */
  public static final double LEVEL = 0.05;

  /**
   * Differences of accuracies that are equal as counts may still differ in the last bits of a
   * double; no test set is so large that a spread below this is one.
   */
  private static final double NO_SPREAD = 1e-12;

  private Statistics() {}

  /** A probability that is known: {@code p 0.012}, {@code p < 0.001}. */
  public static String inWords(double probability) {
    return probability < 0.001 ? "p < 0.001" : String.format(Locale.ROOT, "p %.3f", probability);
  }

  /** Arithmetic mean; NaN of none. */
  public static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return values.length == 0 ? Double.NaN : sum / values.length;
  }

  /** Standard deviation of the sample, divisor n - 1; NaN of fewer than two. */
  public static double deviation(double[] values) {
    if (values.length < 2) {
      return Double.NaN;
    }
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / (values.length - 1));
  }

  /**
   * Standard error of a mean over runs. Runs that draw training and test images from one pool share
   * images, so their mean varies by more than deviation / sqrt(runs): Nadeau and Bengio (2003) put
   * 1/runs + test/training in place of 1/runs.
   *
   * @param testPerTraining test images per training image where runs draw both anew, else 0
   */
  public static double standardError(double deviation, int runs, double testPerTraining) {
    return deviation * Math.sqrt(1.0 / runs + testPerTraining);
  }

  /**
   * Two-sided probability, by Student's t with runs - 1 degrees of freedom, of a mean at least this
   * far from 0 where there is no difference; NaN where nothing can be said: of one run, without an
   * error, and of runs that agree in a mean other than 0.
   */
  public static double probability(double mean, double standardError, int runs) {
    if (runs < 2 || Double.isNaN(standardError)) {
      return Double.NaN;
    }
    if (standardError <= NO_SPREAD) {
      return Math.abs(mean) > NO_SPREAD ? Double.NaN : 1;
    }
    double t = Math.abs(mean) / standardError;
    return 2 * TDistribution.of(runs - 1.0).survivalProbability(t);
  }

  /**
   * By how much the true mean may be above that of runs, or below it, but for a probability of the
   * level: by Student's t with runs - 1 degrees of freedom; NaN of one run.
   */
  public static double margin(double standardError, int runs, double level) {
    return runs < 2
        ? Double.NaN
        : standardError * TDistribution.of(runs - 1.0).inverseSurvivalProbability(level);
  }

  /**
   * As {@link #probability} of so many values, such as images, that their error is known: by the
   * normal distribution.
   */
  public static double normal(double mean, double standardError) {
    if (standardError <= NO_SPREAD) {
      return Math.abs(mean) > NO_SPREAD ? 0 : 1;
    }
    return 2 * NormalDistribution.of(0, 1).survivalProbability(Math.abs(mean) / standardError);
  }

  /**
   * Probabilities of several comparisons after Holm's correction, in the order given: the chance of
   * any false claim among all of them stays below the level. NaN is no comparison and stays.
   */
  public static double[] holm(double[] probabilities) {
    int[] order =
        IntStream.range(0, probabilities.length)
            .filter(i -> !Double.isNaN(probabilities[i]))
            .boxed()
            .sorted((a, b) -> Double.compare(probabilities[a], probabilities[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] corrected = Arrays.copyOf(probabilities, probabilities.length);
    double largest = 0;
    for (int rank = 0; rank < order.length; rank++) {
      double bound = (order.length - rank) * probabilities[order[rank]];
      largest = Math.max(largest, Math.min(1, bound));
      corrected[order[rank]] = largest;
    }
    return corrected;
  }
}
