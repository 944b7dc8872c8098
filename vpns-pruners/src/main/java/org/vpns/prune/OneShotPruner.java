package org.vpns.prune;

import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.score.RepeatedScorer;
import org.vpns.train.MaskRule;

/**
 * Prunes before any training, at once or in rounds, then tunes what is left:
 *
 * <pre>
 * m_0 = 1,  m_k = select(score(m_(k-1) theta) among m_(k-1), 1 - (1 - s)^(k / R)),  k = 1 .. R
 * then min over theta of L(f(m_R theta))
 * </pre>
 *
 * <p>With the magnitude this is OMP, with random scores Random; SNIP, GraSP and SynFlow score on
 * images or on the network's graph. Defaults: one round, and those of {@link TunedPruner}.
 */
public final class OneShotPruner extends TunedPruner<OneShotPruner> {
  private final String name;
  private final Scorer scorer;
  private int rounds = 1;
  private boolean randomPositions;

  /** A method of the given name. */
  public OneShotPruner(String name, Scorer scorer) {
    Problem.given(name, "new OneShotPruner", "name");
    Problem.given(scorer, "new OneShotPruner", "scorer");
    this.name = name;
    this.scorer = scorer;
  }

  /**
   * Number of rounds R, in each of which the same fraction of what is left goes; default 1.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public OneShotPruner rounds(int newRounds) {
    if (newRounds < 1) {
      String where = "Pruner " + name + ".rounds";
      throw Problem.argument(
          "number of rounds out of range", where, "at least 1", newRounds, "pass 1 for one shot");
    }
    return with(p -> p.rounds = newRounds);
  }

  /**
   * Takes from the scores only how many weights of each parameter stay; which ones is left to
   * chance ({@link MaskRule#randomPositions}). With SNIP's scores this is SNIP-ratio.
   */
  public OneShotPruner randomPositions() {
    return with(p -> p.randomPositions = true);
  }

  @Override
  public String name() {
    return name + (randomPositions ? " ratio" : "");
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    MaskRule rule =
        scorer instanceof RepeatedScorer repeated
            ? new RoundsRule(repeated, allocation, sparsity, rounds)
            : MaskRule.once(scorer, allocation, sparsity);
    return randomPositions ? MaskRule.randomPositions(rule) : rule;
  }
}
