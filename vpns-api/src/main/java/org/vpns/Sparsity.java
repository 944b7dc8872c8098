package org.vpns;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.stream.IntStream;

/**
 * Fraction of prunable weights that is removed, as an exact decimal in [0, 1].
 *
 * <p>Of n weights exactly {@code n - floor(s * n)} are kept; the product is exact, so that 0.7 of
 * 90 removes 63 and not 62. Sparsity 0 keeps all weights and 1 keeps none (selection allows it,
 * training refuses it).
 */
public final class Sparsity implements Comparable<Sparsity> {
  /** Nothing is removed. */
  public static final Sparsity DENSE = of(0);

  /** More decimals than any double has; a numeral beyond would cost time and memory, not bits. */
  private static final int MOST_DECIMALS = 1100;

  private final BigDecimal value;

  private Sparsity(BigDecimal value) {
    this.value = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
  }

  /**
   * Sparsity from the shortest decimal that prints as the given double.
   *
   * @param fraction fraction removed, 0 to 1
   * @throws IllegalArgumentException if it is outside [0, 1] or not a number
   */
  public static Sparsity of(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw outOfRange("Sparsity.of", fraction);
    }
    return new Sparsity(BigDecimal.valueOf(fraction));
  }

  /**
   * Sparsity from a decimal numeral such as {@code "0.95"}.
   *
   * @throws IllegalArgumentException if it is no decimal numeral, outside [0, 1], or has more than
   *     1100 decimals
   */
  public static Sparsity of(String decimal) {
    Problem.given(decimal, "Sparsity.of", "decimal");
    try {
      return of(new BigDecimal(decimal.strip()), decimal.strip());
    } catch (NumberFormatException e) {
      throw Problem.argument(
          "sparsity is not a number",
          "Sparsity.of",
          "a decimal such as 0.95",
          "'" + decimal + "'",
          "write the fraction removed with a decimal point");
    }
  }

  /**
   * Sparsity from an exact decimal.
   *
   * @throws IllegalArgumentException if it is outside [0, 1] or has more than 1100 decimals
   */
  public static Sparsity of(BigDecimal fraction) {
    return of(Problem.given(fraction, "Sparsity.of", "fraction"), fraction);
  }

  private static Sparsity of(BigDecimal value, Object found) {
    if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
      throw outOfRange("Sparsity.of", found);
    }
    if (value.signum() > 0 && value.scale() > MOST_DECIMALS) {
      throw Problem.argument(
          "sparsity has too many decimals",
          "Sparsity.of",
          "at most " + MOST_DECIMALS,
          value.scale(),
          "round it");
    }
    return new Sparsity(value);
  }

  /**
   * Sparsity from its complement, the fraction kept.
   *
   * @param density fraction kept, 0 to 1
   * @throws IllegalArgumentException if it is outside [0, 1] or not a number
   */
  public static Sparsity ofDensity(double density) {
    if (!(density >= 0 && density <= 1)) {
      throw Problem.argument(
          "density out of range",
          "Sparsity.ofDensity",
          "0 <= d <= 1",
          density,
          "pass a fraction, 0.10 for 10 %");
    }
    return new Sparsity(BigDecimal.ONE.subtract(BigDecimal.valueOf(density)));
  }

  /**
   * The sparsity that removes exactly {@code removed} of {@code total}: their quotient, rounded up
   * in its 30th digit where it does not end before, so that {@code prune(total)} is {@code removed}
   * and not one less.
   *
   * @throws IllegalArgumentException unless {@code 0 <= removed <= total}
   */
  public static Sparsity removing(long removed, long total) {
    if (removed < 0 || removed > total) {
      throw Problem.argument(
          "count out of range",
          "Sparsity.removing",
          "0 to " + total + " removed",
          removed,
          "count the weights removed, of all that are prunable");
    }
    MathContext up = new MathContext(30, RoundingMode.CEILING);
    return removed == 0
        ? DENSE
        : new Sparsity(BigDecimal.valueOf(removed).divide(BigDecimal.valueOf(total), up));
  }

  private static IllegalArgumentException outOfRange(String where, Object found) {
    return Problem.argument(
        "sparsity out of range", where, "0 <= s <= 1", found, "pass a fraction, 0.90 for 90 %");
  }

  /** Number of weights kept of {@code n}. */
  public long keep(long n) {
    return n - prune(n);
  }

  /** Number of weights removed of {@code n}: {@code floor(s * n)}, computed exactly. */
  public long prune(long n) {
    return value.multiply(BigDecimal.valueOf(n)).setScale(0, RoundingMode.FLOOR).longValueExact();
  }

  /**
   * The most weights that a selection keeps of a network: where each parameter has this sparsity
   * its count is rounded, always in favour of weights kept.
   */
  public long mostKept(Layout layout) {
    Problem.given(layout, "Sparsity.mostKept", "layout");
    return IntStream.range(0, layout.tensors()).mapToLong(i -> keep(layout.size(i))).sum();
  }

  /** The fraction removed. */
  public BigDecimal value() {
    return value;
  }

  /** The fraction removed, as a double. */
  public double doubleValue() {
    return value.doubleValue();
  }

  /** The fraction kept. */
  public BigDecimal density() {
    return BigDecimal.ONE.subtract(value);
  }

  @Override
  public int compareTo(Sparsity other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Sparsity other && value.equals(other.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value.toPlainString();
  }
}
