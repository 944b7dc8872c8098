package org.vpns.train;

import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.optim.ScoreGradient;

/**
 * A mask that is selected by the absolute value of scores which the stage trains.
 *
 * @param start the scores to start from, signed
 * @param allocation spends the budget on absolute values
 * @param sparsity fraction removed
 * @param gradient how scores feel the loss
 */
record LearnedMask(Scorer start, Allocation allocation, Sparsity sparsity, ScoreGradient gradient)
    implements MaskRule {
  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    return select(context, start.score(context));
  }

  /** The mask that signed scores select. */
  MaskSet select(ScoringContext context, Scores signed) {
    float[] magnitudes = new float[signed.values().length];
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(signed.get(i));
    }
    return context.select(
        start,
        Scores.of(signed.layout(), magnitudes),
        MaskSet.ones(context.layout()),
        allocation,
        sparsity,
        "before any is learned");
  }

  @Override
  public String describe() {
    String how = gradient.describe();
    return "learned from "
        + start.describe()
        + ", "
        + allocation.describe()
        + ", "
        + sparsity
        + (how.isEmpty() ? "" : ", " + how);
  }
}
