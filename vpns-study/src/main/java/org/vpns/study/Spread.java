package org.vpns.study;

/**
 * Mean and standard deviation over runs that differ by seed only.
 *
 * @param runs number of values
 * @param mean arithmetic mean
 * @param deviation standard deviation with divisor n - 1; NaN of one value
 */
public record Spread(int runs, double mean, double deviation) {
  static Spread of(double[] values) {
    return new Spread(values.length, Statistics.mean(values), Statistics.deviation(values));
  }
}
