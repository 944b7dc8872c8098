package org.vpns.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.learn.Learner;
import org.vpns.internal.learn.LearnerVisitor;
import org.vpns.internal.learn.MaskLearner;
import org.vpns.internal.learn.PlainLearner;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.internal.run.LiveState;
import org.vpns.optim.UpdateRule;

/** What moves in one stage, each target by its rule. */
final class Learners {
  private final Stage stage;
  private final Map<Target, Learner> learners = new EnumMap<>(Target.class);
  private @Nullable MaskLearner scores;
  private @Nullable WeightLearner weights;

  /**
   * Of a stage whose first mask is applied, or whose state is about to be loaded.
   *
   * @param learning of the scores, if it learns some
   */
  Learners(Stage stage, LiveState live, ThreadTeam team, LearnedMask.@Nullable Learning learning) {
    this.stage = stage;
    for (Map.Entry<Target, Stage.Motion> motion : stage.motions().entrySet()) {
      UpdateRule rule = motion.getValue().rule();
      learners.put(
          motion.getKey(),
          switch (motion.getKey()) {
            case WEIGHTS -> weights = weights(live, rule, team);
            case PRUNABLE -> WeightLearner.prunable(live.weights(), rule, team);
            case OTHERS -> PlainLearner.others(live.network(), rule);
            case PROMPT -> PlainLearner.prompt(live.requirePrompt(), rule);
            case SCORES -> scores = scores(live, rule, team, learning);
          });
    }
  }

  private WeightLearner weights(LiveState live, UpdateRule rule, ThreadTeam team) {
    MovingMask moving = stage.movingMask();
    return moving != null && moving.remembersRemoved()
        ? WeightLearner.holdingRemoved(live.weights(), rule, team)
        : new WeightLearner(live.weights(), rule, team);
  }

  private MaskLearner scores(
      LiveState live, UpdateRule rule, ThreadTeam team, LearnedMask.@Nullable Learning learning) {
    if (learning == null) {
      throw new IllegalStateException("scores without a mask that they select");
    }
    return learning.learner(
        live.weights(), rule, stage.motions().containsKey(Target.PRUNABLE), team);
  }

  /** The learner of the scores; null if none are learned. */
  @Nullable MaskLearner scores() {
    return scores;
  }

  /** The learner of all weights; null if they are not trained. */
  @Nullable WeightLearner weights() {
    return weights;
  }

  /** The arrays whose gradients are read. */
  List<NDArray> trained() {
    List<NDArray> trained = new ArrayList<>();
    learners.values().forEach(learner -> trained.addAll(learner.trained()));
    return trained;
  }

  /**
   * Moves what the pass moves, from the gradients of its backward pass.
   *
   * @param changed whether the mask has moved in place of the weights
   * @param rate learning rate of the step
   */
  void update(Pass pass, boolean changed, ToDoubleFunction<Stage.Motion> rate) {
    // Those that move come first: others of the same arrays drop the gradients.
    List<Learner> still = new ArrayList<>();
    for (Map.Entry<Target, Stage.Motion> entry : stage.motions().entrySet()) {
      Target target = entry.getKey();
      Learner learner = of(target);
      boolean moves = pass.moves(target) && !(changed && target == Target.WEIGHTS);
      if (moves) {
        learner.update(rate.applyAsDouble(entry.getValue()));
      } else if (target == Target.PROMPT && pass.isPromptIdle()) {
        learner.idle(rate.applyAsDouble(entry.getValue()));
      } else if (target != Target.PROMPT || pass.isPrompted()) {
        still.add(learner);
      }
    }
    still.forEach(Learner::dropGradients);
  }

  private Learner of(Target target) {
    Learner learner = learners.get(target);
    if (learner == null) {
      throw new IllegalStateException(target + " is not trained");
    }
    return learner;
  }

  /**
   * Shows all state that the next updates depend on.
   *
   * @param visitors by prefix of the names
   */
  void visit(Function<String, LearnerVisitor> visitors) {
    learners.forEach((target, learner) -> learner.visit(visitors.apply(target + "/")));
  }
}
