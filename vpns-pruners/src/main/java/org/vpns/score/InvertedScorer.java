package org.vpns.score;

import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.internal.text.Texts;

/** The order of another scorer turned round. */
record InvertedScorer(Scorer scorer) implements Scorer {
  @Override
  public Scores score(ScoringContext context) {
    Problem.given(context, "Scorer.score", "context");
    return scorer.score(context).negated();
  }

  @Override
  public String describe() {
    return describe(scorer);
  }

  @Override
  public String toString() {
    return describe();
  }

  private static String describe(Scorer scorer) {
    return "inverted " + Texts.own(scorer.describe(), scorer, "Scorer");
  }

  /** The same in rounds. */
  record Repeated(RepeatedScorer scorer) implements RepeatedScorer {
    @Override
    public Session open(ScoringContext context) {
      Problem.given(context, "RepeatedScorer.open", "context");
      Session session = scorer.open(context);
      return new Session() {
        @Override
        public Scores score(MaskSet masks) {
          Problem.given(masks, "RepeatedScorer.Session.score", "masks");
          return session.score(masks).negated();
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }

    @Override
    public String describe() {
      return InvertedScorer.describe(scorer);
    }

    @Override
    public String toString() {
      return describe();
    }
  }
}
