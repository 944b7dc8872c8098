package org.vpns.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.vpns.Allocation;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.score.RepeatedScorer;
import org.vpns.train.MaskRule;

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
    implements MaskRule {

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    MaskSet masks = current;
    List<String> emptied = new ArrayList<>();
    try (RepeatedScorer.Session session = scorer.open(context)) {
      for (int k = 1; k <= rounds; k++) {
        Sparsity now = sparsityOf(k, current.sparsity());
        MaskSet next = next(masks, session.score(masks), now, k);
        for (Map.Entry<String, Mask> entry : next.asMap().entrySet()) {
          if (entry.getValue().kept() == 0 && masks.get(entry.getKey()).kept() > 0) {
            emptied.add(entry.getKey() + " (round " + k + " of " + rounds + ", " + now + ")");
          }
        }
        masks = next;
      }
    }
    if (!emptied.isEmpty()) {
      context.warn(
          "lost the last weight while the mask was found, at sparsity: "
              + String.join(", ", emptied));
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

  /** The next round's mask; a refusal tells in which round it came. */
  private MaskSet next(MaskSet masks, Scores scores, Sparsity now, int round) {
    try {
      return allocation.allocateWithin(masks, scores, now);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "in round " + round + " of " + rounds + ", " + e.getMessage(), e);
    }
  }

  @Override
  public String describe() {
    return scorer.describe()
        + (rounds == 1 ? "" : ", " + rounds + " rounds")
        + ", "
        + allocation.describe()
        + ", "
        + sparsity;
  }
}
