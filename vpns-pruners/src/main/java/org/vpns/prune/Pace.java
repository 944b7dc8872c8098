package org.vpns.prune;

import org.vpns.Problem;
import org.vpns.train.MovingMask.Span;

/**
 * When a mask moves, and which fraction of its weights then: between epochs a fraction zeta, or
 * {@code alpha / 2 (1 + cos(pi t / T_end))} at {@code t = dT, 2 dT, ... < T_end}, in steps done.
 *
 * @param falling the latter
 * @param fraction zeta or alpha
 * @param every dT, where it falls
 * @param until T_end as a fraction of the stage
 */
record Pace(boolean falling, double fraction, long every, double until) {
  Pace {
    String name = falling ? "alpha" : "zeta";
    require(name, fraction > 0 && fraction < 1, "0 < " + name + " < 1", fraction);
    require("every", every >= 1, "at least 1 step", every);
    require("until", until > 0 && until <= 1, "0 < fraction <= 1", until);
  }

  static Pace perEpoch(double zeta) {
    return new Pace(false, zeta, 1, 1);
  }

  static Pace cosine(double alpha, long every, double until) {
    return new Pace(true, alpha, every, until);
  }

  private static void require(String option, boolean condition, String expected, Object found) {
    if (!condition) {
      throw Problem.argument(
          "option out of range", "moving mask, " + option, expected, found, "see its default");
    }
  }

  private long end(Span span) {
    return (long) Math.floor(until * span.steps() + 1e-9);
  }

  boolean moves(long t, Span span) {
    return t > 0 && t < end(span) && t % (falling ? every : span.stepsPerEpoch()) == 0;
  }

  double at(long t, Span span) {
    return falling ? fraction / 2 * (1 + Math.cos(Math.PI * t / end(span))) : fraction;
  }

  void requireFits(Span span, String where) {
    if (falling && every >= end(span)) {
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
