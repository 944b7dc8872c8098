package org.vpns.prune;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Allocation;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.ScoreGradient;
import org.vpns.optim.UpdateRule;
import org.vpns.score.Scorers;
import org.vpns.train.DataOrder;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * BiP, bi-level pruning (Zhang et al. 2022, "Advancing model pruning via bi-level optimization"):
 * masks that expect their weights to be tuned.
 *
 * <pre>
 * min over m of l(m theta*(m)),   theta*(m) = argmin over theta of l(m theta) + gamma / 2 |theta|^2
 *
 * each iteration, on two batches A and B, m = select(|s|, sparsity):
 *     A:  theta = theta - alpha (m g + gamma theta)
 *     B:  dl/dm = theta g - m g^2 / gamma,   s along sign(s) dl/dm
 * </pre>
 *
 * where g = dL/dw at w = m theta. The weights of the last iteration are the result; the lower level
 * is the tuning.
 *
 * <p>Scores start at sqrt(6 / fan-in) theta / max|theta| per layer. By default both batches come
 * from shuffled passes over all images, and biases and normalisation are not trained.
 */
public final class BipPruner extends Value<BipPruner> implements Pruner {
  /** lr2 of the published code. */
  static final double RELEASED_RATE = 1e-4;

  private static final UpdateRule RELEASED_RULE = UpdateRule.sgd().momentum(0.9).decay(1e-4);

  private Allocation allocation = Allocations.global();
  private Stage.Motion scores = new Stage.Motion(UpdateRule.adam(), LearningRate.cosine(0.1));
  private LearningRate lower = LearningRate.cosine(0.01);
  private double gamma = 1;
  private boolean maskedImplicitTerm = true;
  private boolean released;
  private boolean disjoint;
  private Stage.@Nullable Motion others;
  private Length length = Length.epochs(60);
  private Stage.Motion weights = Stage.Motion.OF_WEIGHTS;
  private @Nullable Length tuning;

  BipPruner() {}

  /** How the weights kept are shared out; default {@link Allocations#global()}, one ranking. */
  public BipPruner allocation(Allocation newAllocation) {
    Problem.given(newAllocation, "BipPruner.allocation", "allocation");
    return with(p -> p.allocation = newAllocation);
  }

  /** How the scores move, the upper level; default Adam, 0.1 falling by a cosine. */
  public BipPruner scores(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "BipPruner.scores", "rule");
    Problem.given(rate, "BipPruner.scores", "rate");
    return with(p -> p.scores = new Stage.Motion(rule, rate));
  }

  /** Learning rate alpha of the weights, the lower level; default 0.01 falling by a cosine. */
  public BipPruner lowerRate(LearningRate rate) {
    Problem.given(rate, "BipPruner.lowerRate", "rate");
    return with(p -> p.lower = rate);
  }

  /** Pull gamma of the lower level towards zero, above 0; default 1. */
  public BipPruner gamma(double newGamma) {
    return with(p -> p.gamma = newGamma);
  }

  /** Whether only kept weights feel the implicit term, as derived; default true. */
  public BipPruner maskedImplicitTerm(boolean masked) {
    return with(p -> p.maskedImplicitTerm = masked);
  }

  /** Takes the two batches from two halves of the images, fixed by the seed. */
  public BipPruner disjointBatches() {
    return with(p -> p.disjoint = true);
  }

  /** Trains biases and normalisation at the lower level. */
  public BipPruner trainOthers(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "BipPruner.trainOthers", "rule");
    Problem.given(rate, "BipPruner.trainOthers", "rate");
    return with(p -> p.others = new Stage.Motion(rule, rate));
  }

  /** How long both levels last, two gradient steps an iteration; default 60 epochs. */
  public BipPruner length(Length newLength) {
    Problem.given(newLength, "BipPruner.length", "length");
    return with(p -> p.length = newLength);
  }

  /** Tunes what is left afterwards, by {@link Stage.Motion#OF_WEIGHTS}; default no tuning. */
  public BipPruner tuning(Length newLength) {
    Problem.given(newLength, "BipPruner.tuning", "length");
    return with(p -> p.tuning = newLength);
  }

  /** Tunes what is left afterwards. */
  public BipPruner tuning(UpdateRule rule, LearningRate rate, Length newLength) {
    Problem.given(rule, "BipPruner.tuning", "rule");
    Problem.given(rate, "BipPruner.tuning", "rate");
    Problem.given(newLength, "BipPruner.tuning", "length");
    return with(p -> p.weights = new Stage.Motion(rule, rate)).tuning(newLength);
  }

  /**
   * What the published code computes: both levels by SGD with momentum 0.9 and decay 1e-4, 0.01
   * falling by a cosine; no gamma; in place of the implicit term the score's own gradient squared,
   * times 1e-4. Two gradient steps an iteration here too, where the published code takes three.
   * Call it before options that are to differ.
   */
  public BipPruner released() {
    return with(p -> p.released = true).scores(RELEASED_RULE, LearningRate.cosine(0.01));
  }

  @Override
  public String name() {
    return released ? "BiP (released)" : "BiP";
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Problem.given(sparsity, "BipPruner.stages", "sparsity");
    ScoreGradient gradient =
        released
            ? BipGradient.released(RELEASED_RATE)
            : BipGradient.implicit(gamma, maskedImplicitTerm);
    UpdateRule rule = released ? RELEASED_RULE : UpdateRule.sgd().decay(gamma);
    Stage.Builder stage =
        Stage.builder("find mask and weights")
            .mask(MaskRule.learned(Scorers.scaledInitialisation(), allocation, sparsity, gradient))
            .train(Target.PRUNABLE, rule, lower)
            .train(Target.SCORES, scores)
            .pass(lower())
            .pass(upper())
            .length(length)
            .keepBest();
    if (others != null) {
      stage.train(Target.OTHERS, others);
    }
    List<Stage> stages = new ArrayList<>(List.of(stage.build()));
    if (tuning != null) {
      stages.add(Stage.tuning(weights, tuning).build());
    }
    return stages;
  }

  private Pass lower() {
    DataOrder order = disjoint ? new HalfOrder(false) : DataOrder.shuffled();
    return Pass.plain().stream("lower").order(order).freeze(Target.SCORES);
  }

  private Pass upper() {
    DataOrder order = disjoint ? new HalfOrder(true) : DataOrder.shuffled();
    return Pass.plain().stream("upper").order(order).freeze(Target.PRUNABLE).freeze(Target.OTHERS);
  }
}
