package org.vpns.score;

/** The scorers of this library. */
public final class Scorers {
  private Scorers() {}

  /** Absolute values. */
  public static MagnitudeScorer magnitude() {
    return new MagnitudeScorer();
  }

  /** Uniform random numbers. */
  public static RandomScorer random() {
    return new RandomScorer();
  }

  /** Signed starting values of learned scores: ranked by magnitude. */
  public static ScaledInitialisation scaledInitialisation() {
    return new ScaledInitialisation();
  }
}
