package org.vpns.schedule;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * Iterative pruning in rounds, each of which removes the fraction p of what the one before left
 * (Frankle and Carbin 2019, "The lottery ticket hypothesis"):
 *
 * <pre>
 * s_r = 1 - (1 - p)^r
 * R(s) = ceil(ln(1 - s) / ln(1 - p) - 1e-9)
 * </pre>
 *
 * <p>The sparsity of a round is the closed form, exact to 60 decimals, and not p of a rounded
 * count: counts do not drift.
 *
 * @param rate p, above 0 and below 1
 */
public record Rounds(Sparsity rate) {
  /** A fifth of the weights each round. */
  public static final Rounds DEFAULT = new Rounds(Sparsity.of(0.2));

  /** What doubles lose: 1 - 0.8^11 is to be 11 rounds, however it was computed. */
  private static final double TOLERANCE = 1e-9;

  /** Decimals kept; an upward rounding of the sparsity so far down changes no count. */
  private static final int DECIMALS = 60;

  /**
   * Checks the rate.
   *
   * @throws IllegalArgumentException if it is 0 or 1
   */
  public Rounds {
    Problem.given(rate, "new Rounds", "rate");
    if (rate.value().signum() == 0 || rate.value().compareTo(BigDecimal.ONE) == 0) {
      throw Problem.argument(
          "rate out of range", "Rounds", "0 < p < 1", rate, "pass 0.2 for 20 % each round");
    }
  }

  /**
   * The first round after which at least the given sparsity is reached, R(s): 0 for 0, 11 for 0.9
   * by fifths.
   *
   * @throws IllegalArgumentException if it is 1: no round reaches that
   */
  public int until(Sparsity target) {
    Problem.given(target, "Rounds.until", "target");
    if (target.value().compareTo(BigDecimal.ONE) == 0) {
      throw Problem.argument(
          "sparsity out of range", "Rounds.until", "0 <= s < 1", target, "keep some weights");
    }
    double rounds =
        Math.log(target.density().doubleValue()) / Math.log(rate.density().doubleValue());
    return (int) Math.ceil(Math.max(0, rounds - TOLERANCE));
  }

  /**
   * The sparsity after so many rounds.
   *
   * @param rounds r, at least 0
   */
  public Sparsity after(int rounds) {
    if (rounds < 0) {
      throw Problem.argument(
          "round out of range", "Rounds.after", "at least 0", rounds, "0 is the dense network");
    }
    BigDecimal density = rate.density().pow(rounds);
    BigDecimal cut = density.setScale(Math.min(density.scale(), DECIMALS), RoundingMode.FLOOR);
    return Sparsity.of(BigDecimal.ONE.subtract(cut));
  }

  @Override
  public String toString() {
    return "rounds of " + rate;
  }
}
