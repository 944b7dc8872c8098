package org.vpns.prune;

import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.internal.text.Texts;
import org.vpns.score.RepeatedScorer;
import org.vpns.train.FixedMask;

/**
 * Scores and removes in rounds, each under the mask of the one before:
 *
 * <pre>
 * m_0 = the mask so far,  m_k = select among m_(k-1) by score(m_(k-1) theta), at sparsity s_k
 * 1 - s_k = (1 - s_0) ((1 - s) / (1 - s_0))^(k / R),  s_R = s
 * </pre>
 *
 * so every round removes the same fraction of what is left, and the masks are nested. One round is
 * one-shot pruning.
 *
 * @param rounds R, at least 1
 */
record RoundsRule(RepeatedScorer scorer, Allocation allocation, Sparsity sparsity, int rounds)
    implements FixedMask {

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    Problem.given(context, "MaskRule.begin", "context");
    Problem.given(current, "MaskRule.begin", "current");
    MaskSet masks = current;
    try (RepeatedScorer.Session session =
        Problem.given(scorer.open(context), scorer.describe(), "what RepeatedScorer.open gives")) {
      for (int k = 1; k <= rounds; k++) {
        Sparsity now = sparsityOf(k, current.sparsity());
        String moment = "round " + k + " of " + rounds;
        Scores scores =
            Problem.given(
                session.score(masks),
                scorer.describe() + ", " + moment,
                "what RepeatedScorer.Session.score gives");
        masks = context.select(scorer, scores, masks, allocation, now, moment);
      }
    }
    return masks;
  }

  private Sparsity sparsityOf(int round, double first) {
    if (round == rounds) {
      return sparsity;
    }
    double start = 1 - first;
    double end = 1 - sparsity.doubleValue();
    return Sparsity.of(Math.max(0, 1 - start * Math.pow(end / start, (double) round / rounds)));
  }

  @Override
  public String describe() {
    return Texts.own(scorer.describe(), scorer, "Scorer")
        + (rounds == 1 ? "" : ", " + rounds + " rounds")
        + ", "
        + Texts.own(allocation.describe(), allocation, "Allocation")
        + ", "
        + sparsity;
  }

  @Override
  public String toString() {
    return describe();
  }
}
