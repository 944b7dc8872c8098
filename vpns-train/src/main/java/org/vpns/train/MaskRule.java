package org.vpns.train;

import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.optim.ScoreGradient;
import org.vpns.optim.SharedScores;

/**
 * Where a stage's mask comes from: it is known when the stage begins ({@link FixedMask}), is
 * {@linkplain #learned learned} during the stage, or moves while the weights under it train ({@link
 * MovingMask}).
 */
public sealed interface MaskRule permits FixedMask, LearnedMask, MovingMask {
  /**
   * The mask with which the stage begins.
   *
   * @param context weights and random streams
   * @param current the mask so far
   */
  MaskSet begin(ScoringContext context, MaskSet current);

  /** For the record. */
  String describe();

  /**
   * Whether it keeps as many weights as the recipe's sparsity leaves, to which a run holds the last
   * mask: more of them fail the run before it trains, fewer are told. Default true; not so for a
   * mask whose number is drawn, or where the sparsity counts something else, such as channels.
   */
  default boolean isExact() {
    return true;
  }

  /** The mask stays as it is. */
  static MaskRule keep() {
    return FixedMasks.KEPT;
  }

  /**
   * A mask that was found before: on another task, by another recipe, or that of a loaded result,
   * whose tuning goes on.
   *
   * <pre>{@code
   * PrunedModel found = PrunedModel.load(folder);
   * Stage tune =
   *     Stage.builder("tune")
   *         .mask(MaskRule.given(found.masks()))
   *         .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.cosine(0.01))
   *         .pass(Pass.plain())
   *         .length(Length.epochs(10))
   *         .build();
   * Recipe recipe = Recipe.of("tuned on", Sparsity.of(0.95), tune).build();
   * }</pre>
   *
   * <p>{@link Recipe.Builder#build} refuses it if it keeps more or fewer weights than the recipe's
   * sparsity leaves, which may be rounded in each parameter; a run refuses it if it is of another
   * network.
   */
  static MaskRule given(MaskSet masks) {
    Problem.given(masks, "MaskRule.given", "masks");
    return new FixedMasks.Given(masks);
  }

  /** Scores the weights once and keeps the best. */
  static MaskRule once(Scorer scorer, Allocation allocation, Sparsity sparsity) {
    Problem.given(scorer, "MaskRule.once", "scorer");
    Problem.given(allocation, "MaskRule.once", "allocation");
    Problem.given(sparsity, "MaskRule.once", "sparsity");
    return new FixedMasks.Scored(scorer, allocation, sparsity, false);
  }

  /**
   * Scores the weights once and keeps the best of those that the mask so far keeps: {@link
   * Allocation#allocateWithin}. Removed weights stay removed.
   */
  static MaskRule nested(Scorer scorer, Allocation allocation, Sparsity sparsity) {
    Problem.given(scorer, "MaskRule.nested", "scorer");
    Problem.given(allocation, "MaskRule.nested", "allocation");
    Problem.given(sparsity, "MaskRule.nested", "sparsity");
    return new FixedMasks.Scored(scorer, allocation, sparsity, true);
  }

  /** Each parameter keeps as many weights as under another rule, at random positions. */
  static MaskRule randomPositions(MaskRule counts) {
    Problem.given(counts, "MaskRule.randomPositions", "counts");
    return new FixedMasks.RandomPositions(counts, false);
  }

  /**
   * Another rule's mask with its entries shuffled within each parameter, which changes every
   * parameter's mask that does not keep all or nothing.
   */
  static MaskRule shuffled(MaskRule rule) {
    Problem.given(rule, "MaskRule.shuffled", "rule");
    return new FixedMasks.RandomPositions(rule, true);
  }

  /**
   * Learns scores and selects by their absolute value before every pass; they feel the loss by the
   * straight-through estimator.
   *
   * @param start the scores to start from, signed
   * @param allocation spends the budget on absolute values
   */
  static MaskRule learned(Scorer start, Allocation allocation, Sparsity sparsity) {
    return learned(start, allocation, sparsity, ScoreGradient.straightThrough());
  }

  /**
   * The same with scores that feel the loss in another way.
   *
   * @param start the scores to start from, signed
   * @param allocation spends the budget on absolute values
   */
  static MaskRule learned(
      Scorer start, Allocation allocation, Sparsity sparsity, ScoreGradient gradient) {
    Problem.given(start, "MaskRule.learned", "start");
    Problem.given(allocation, "MaskRule.learned", "allocation");
    Problem.given(sparsity, "MaskRule.learned", "sparsity");
    Problem.given(gradient, "MaskRule.learned", "gradient");
    return new LearnedMask.OfWeights(start, allocation, sparsity, gradient);
  }

  /**
   * Learns scores that several weights share, such as one a channel, and opens the gates of those
   * that they select before every pass. How many weights that keeps follows from the gates: the
   * recipe's sparsity is not that of the weights.
   */
  static MaskRule shared(SharedScores scores) {
    Problem.given(scores, "MaskRule.shared", "scores");
    return new LearnedMask.Shared(scores);
  }
}
