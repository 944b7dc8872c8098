package org.vpns.score;

import org.vpns.Problem;
import org.vpns.Scorer;

/** The scorers of this library. */
public final class Scorers {
  private Scorers() {}

  /** Absolute values. */
  public static Scorer magnitude() {
    return new MagnitudeScorer();
  }

  /** Uniform random numbers. */
  public static Scorer random() {
    return new RandomScorer();
  }

  /** How much the loss would change with the weight's mask: gradient times weight. */
  public static SnipScorer snip() {
    return new SnipScorer();
  }

  /** What the gradient's norm would lose with the weight: weight times curvature. */
  public static GraspScorer grasp() {
    return new GraspScorer();
  }

  /** How much of the flow from input to output passes through the weight; without data. */
  public static SynFlowScorer synFlow() {
    return new SynFlowScorer();
  }

  /**
   * A control: the weights that another scorer ranks lowest are kept. Equal scores stay equal, so
   * of them the lower index is still kept; removed weights still rank below all others. Scores that
   * are ranked by magnitude do not change.
   */
  public static Scorer inverted(Scorer scorer) {
    Problem.given(scorer, "Scorers.inverted", "scorer");
    return scorer instanceof RepeatedScorer repeated
        ? inverted(repeated)
        : new InvertedScorer(scorer);
  }

  /** As {@link #inverted(Scorer)}, in rounds. */
  public static RepeatedScorer inverted(RepeatedScorer scorer) {
    Problem.given(scorer, "Scorers.inverted", "scorer");
    return new InvertedScorer.Repeated(scorer);
  }

  /** Signed starting values of learned scores: ranked by magnitude. */
  public static Scorer scaledInitialisation() {
    return new ScaledInitialisation();
  }
}
