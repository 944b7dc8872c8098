package org.vpns.study;

/** The few statistics that a comparison needs. */
final class Statistics {
  /** 97.5 % quantiles of Student's t, 1 to 30 degrees of freedom. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, //
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, //
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
  };

  private Statistics() {}

  /** Arithmetic mean; NaN of none. */
  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return values.length == 0 ? Double.NaN : sum / values.length;
  }

  /** Standard deviation of the sample, divisor n - 1; NaN of fewer than two. */
  static double deviation(double[] values) {
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
   * 97.5 % quantile of Student's t, the factor of a two-sided 95 % interval. Above 30 degrees of
   * freedom the value of the next lower table entry (30, 40, 60, 120): never too small a factor.
   *
   * @param degrees degrees of freedom, at least 1
   */
  static double t975(int degrees) {
    if (degrees <= T.length) {
      return T[degrees - 1];
    }
    return degrees < 40 ? 2.042 : degrees < 60 ? 2.021 : degrees < 120 ? 2.000 : 1.980;
  }
}
