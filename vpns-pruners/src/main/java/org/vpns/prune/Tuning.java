package org.vpns.prune;

import org.jspecify.annotations.Nullable;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * Tuning the surviving weights: mask fixed, min over theta (and the prompt) of the loss. Weights by
 * SGD with momentum 0.9 and decay 1e-4, learning rate 0.01 falling by a cosine per epoch; a prompt
 * by an SGD of its own with the same numbers.
 */
final class Tuning {
  static final UpdateRule RULE = UpdateRule.sgd().momentum(0.9).decay(1e-4);
  static final LearningRate RATE = LearningRate.cosine(0.01).perEpoch();

  /** The default motion of weights and prompt. */
  static final Stage.Motion MOTION = new Stage.Motion(RULE, RATE);

  static final String NAME = "tune";

  private Tuning() {}

  /** Tuning in one pass per iteration, prompted if the prompt has a motion. */
  static Stage.Builder stage(Stage.Motion weights, Stage.@Nullable Motion prompt, Length length) {
    Stage.Builder stage =
        Stage.builder(NAME)
            .train(Target.WEIGHTS, weights.rule(), weights.rate())
            .length(length)
            .keepBest();
    if (prompt != null) {
      stage.train(Target.PROMPT, prompt.rule(), prompt.rate());
    }
    return stage.pass(prompt == null ? Pass.plain() : Pass.prompted());
  }
}
