package org.vpns.train;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.learn.MaskLearner;
import org.vpns.internal.learn.ScoreLearner;
import org.vpns.internal.learn.SharedScoreLearner;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.text.Texts;
import org.vpns.optim.ScoreGradient;
import org.vpns.optim.SharedScores;
import org.vpns.optim.UpdateRule;

/** A mask that is selected by the absolute value of scores which the stage trains. */
sealed interface LearnedMask extends MaskRule {
  /** Scores the weights as they are. */
  Start start(ScoringContext context);

  /** What learns scores that a checkpoint will bring. */
  Learning resume(ScoringContext context);

  @Override
  default MaskSet begin(ScoringContext context, MaskSet current) {
    Problem.given(context, "MaskRule.begin", "context");
    Problem.given(current, "MaskRule.begin", "current");
    return start(context).masks();
  }

  /**
   * How a stage begins.
   *
   * @param masks the mask that the first scores select
   * @param learning goes on from these scores
   */
  record Start(MaskSet masks, Learning learning) {}

  /** Makes the learner of some scores. */
  interface Learning {
    /**
     * The learner.
     *
     * @param weights under the mask that the scores select
     * @param weightsMove whether another learner moves the weights
     */
    MaskLearner learner(
        EffectiveWeights weights, UpdateRule rule, boolean weightsMove, ThreadTeam team);
  }

  /**
   * With a score for each weight.
   *
   * @param start the scores to start from, signed
   * @param allocation spends the budget on absolute values
   * @param sparsity fraction removed
   * @param gradient how scores feel the loss
   */
  record OfWeights(Scorer start, Allocation allocation, Sparsity sparsity, ScoreGradient gradient)
      implements LearnedMask {
    @Override
    public Start start(ScoringContext context) {
      Scores signed = FixedMasks.scores(start, context);
      return new Start(select(context, signed), learning(signed));
    }

    private MaskSet select(ScoringContext context, Scores signed) {
      return context.select(
          start,
          Scores.of(signed.layout(), SharedScoreLearner.magnitudes(signed.values())),
          MaskSet.ones(context.layout()),
          allocation,
          sparsity,
          "before any is learned");
    }

    @Override
    public Learning resume(ScoringContext context) {
      return learning(Scores.of(context.layout(), new float[context.layout().size()]));
    }

    private Learning learning(Scores from) {
      return (weights, rule, weightsMove, team) ->
          new ScoreLearner(weights, from, allocation, sparsity, rule, gradient, weightsMove, team);
    }

    @Override
    public String describe() {
      String how = Texts.own(gradient.describe(), gradient, "ScoreGradient");
      return "learned from "
          + Texts.own(start.describe(), start, "Scorer")
          + ", "
          + Texts.own(allocation.describe(), allocation, "Allocation")
          + ", "
          + sparsity
          + (how.isEmpty() ? "" : ", " + how);
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /** With scores that weights share. */
  record Shared(SharedScores scores) implements LearnedMask {
    @Override
    public Start start(ScoringContext context) {
      SharedScores.Gates gates = open(context);
      float[] start = given(gates.start(context), "Gates.start").clone();
      requireNumbers(gates, start);
      float[] magnitudes = SharedScoreLearner.magnitudes(start);
      BitSet open = given(gates.select(magnitudes), "Gates.select");
      if (open.cardinality() < start.length && isLevel(magnitudes)) {
        context.warn(
            "all scores of "
                + scores.describe()
                + " are equal, so position alone decided what stays (before any is learned)");
      }
      MaskSet masks = given(gates.masks(open), "Gates.masks");
      masks.requireFits(context.layout());
      return new Start(masks, learning(gates, start));
    }

    private SharedScores.Gates open(ScoringContext context) {
      return given(scores.open(context), "SharedScores.open");
    }

    private <T> T given(@Nullable T part, String from) {
      return Problem.given(part, scores.describe(), "what " + from + " gives");
    }

    private void requireNumbers(SharedScores.Gates gates, float[] start) {
      if (start.length != gates.count()) {
        throw Problem.argument(
            "wrong number of scores",
            scores.describe(),
            gates.count(),
            start.length,
            "give each gate one score");
      }
      for (int i = 0; i < start.length; i++) {
        if (Float.isNaN(start[i])) {
          throw Problem.argument(
              "score is not a number",
              gates.name(i) + ", " + scores.describe(),
              "a number",
              "NaN",
              "look for a zero division or an overflow in what made the scores");
        }
      }
    }

    private static boolean isLevel(float[] magnitudes) {
      for (float magnitude : magnitudes) {
        if (magnitude != magnitudes[0]) {
          return false;
        }
      }
      return true;
    }

    @Override
    public Learning resume(ScoringContext context) {
      SharedScores.Gates gates = open(context);
      return learning(gates, new float[gates.count()]);
    }

    private static Learning learning(SharedScores.Gates gates, float[] from) {
      return (weights, rule, weightsMove, team) ->
          new SharedScoreLearner(weights, gates, from, rule);
    }

    @Override
    public boolean isExact() {
      return false; // it counts gates
    }

    @Override
    public String describe() {
      return "learned from " + Texts.own(scores.describe(), scores, "SharedScores");
    }

    @Override
    public String toString() {
      return describe();
    }
  }
}
