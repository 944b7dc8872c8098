package org.vpns.prune;

import org.vpns.Problem;
import org.vpns.train.MovingMask.Span;

/**
 * When a mask moves in the course of a stage, and which fraction of its weights moves then. Time is
 * in steps done; T_end is a fraction of the stage's.
 *
 * @param fraction first fraction
 * @param every steps from one movement to the next, dT; 0 = an epoch
 * @param until T_end as a fraction of the stage
 * @param falling whether the fraction falls by a cosine; otherwise it stays
 */
record Pace(double fraction, long every, double until, boolean falling) {

  /** Between epochs, always the same fraction zeta. */
  static Pace perEpoch(double zeta) {
    require("zeta", zeta > 0 && zeta < 1, "0 < zeta < 1", zeta);
    return new Pace(zeta, 0, 1, false);
  }

  /** {@code alpha / 2 (1 + cos(pi t / T_end))} at {@code t = dT, 2 dT, ... < T_end}. */
  static Pace cosine(double alpha, long every, double until) {
    require("alpha", alpha > 0 && alpha < 1, "0 < alpha < 1", alpha);
    require("every", every >= 1, "at least 1 step", every);
    require("until", until > 0 && until <= 1, "0 < fraction <= 1", until);
    return new Pace(alpha, every, until, true);
  }

  private static void require(String option, boolean condition, String expected, Object found) {
    if (!condition) {
      throw Problem.argument(
          "option out of range", "moving mask, " + option, expected, found, "see its default");
    }
  }

  boolean moves(long t, Span span) {
    return t > 0 && t < end(span) && t % (every == 0 ? span.stepsPerEpoch() : every) == 0;
  }

  double fraction(long t, Span span) {
    return falling ? fraction / 2 * (1 + Math.cos(Math.PI * t / end(span))) : fraction;
  }

  private long end(Span span) {
    return (long) Math.floor(until * span.steps() + 1e-9);
  }

  /** Refuses an interval in steps that is too long. */
  void requireMovesWithin(Span span, String where) {
    if (every >= end(span) && every > 0) {
      throw Problem.argument(
          "mask would never move",
          where,
          "an interval below " + end(span) + ", where the movement ends",
          every,
          "move more often or train longer");
    }
  }

  @Override
  public String toString() {
    return falling
        ? "every " + every + " steps until " + until + ", alpha " + fraction
        : "every epoch, zeta " + fraction;
  }
}
