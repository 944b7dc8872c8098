package org.vpns.prune;

import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * Tuning the surviving weights: mask fixed, min over theta of the loss. Weights by SGD with
 * momentum 0.9 and decay 1e-4, learning rate 0.01 falling by a cosine per epoch.
 */
final class Tuning {
  static final UpdateRule RULE = UpdateRule.sgd().momentum(0.9).decay(1e-4);
  static final LearningRate RATE = LearningRate.cosine(0.01).perEpoch();

  /** The default motion of weights and prompt. */
  static final Stage.Motion MOTION = new Stage.Motion(RULE, RATE);

  static final String NAME = "tune";

  private Tuning() {}

  /** Tuning in one plain pass per iteration. */
  static Stage.Builder stage(Stage.Motion weights, Length length) {
    return Stage.builder(NAME)
        .train(Target.WEIGHTS, weights)
        .pass(Pass.plain())
        .length(length)
        .keepBest();
  }
}
