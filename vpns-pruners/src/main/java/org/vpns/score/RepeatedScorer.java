package org.vpns.score;

import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;

/** A scorer that can be asked again and again about one network, each time under other masks. */
public interface RepeatedScorer extends Scorer {
  /** Makes ready what all rounds share, such as the choice of images; close it. */
  Session open(ScoringContext context);

  /** Scorings of one network. */
  interface Session extends AutoCloseable {
    /**
     * Scores of the context's weights times these masks; those of removed weights mean nothing. All
     * are zero where a round before has left no way through the network: the run tells that.
     *
     * @throws IllegalStateException if no weight gets a score but zero although none is removed
     */
    Scores score(MaskSet masks);

    @Override
    default void close() {}
  }

  @Override
  default Scores score(ScoringContext context) {
    Problem.given(context, "RepeatedScorer.score", "context");
    try (Session session = open(context)) {
      return session.score(MaskSet.ones(context.layout()));
    }
  }
}
