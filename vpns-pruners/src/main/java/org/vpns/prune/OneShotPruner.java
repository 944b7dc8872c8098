package org.vpns.prune;

import ai.djl.Model;
import java.util.List;
import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Scorer;
import org.vpns.ScoringContext;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.internal.network.Network;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * Scores the pretrained weights once, keeps the best, tunes them: m = select(score(theta), s), then
 * min over theta of L(f(m * theta)). With the magnitude this is OMP, with random scores Random,
 * with random scores and {@link Allocations#erk()} layer-wise random pruning.
 *
 * <p>Defaults: global selection; 120 epochs of tuning, SGD with momentum 0.9 and decay 1e-4, 0.01
 * falling by a cosine per epoch. Immutable.
 */
public final class OneShotPruner implements Pruner {
  private final String name;
  private final Scorer scorer;
  private final Allocation allocation;
  private final boolean randomPositions;
  private final Stage.Motion weights;
  private final Length length;

  /** A method of the given name. */
  public OneShotPruner(String name, Scorer scorer) {
    this(name, scorer, Allocations.global(), false, Tuning.MOTION, Length.epochs(120));
  }

  private OneShotPruner(
      String name,
      Scorer scorer,
      Allocation allocation,
      boolean randomPositions,
      Stage.Motion weights,
      Length length) {
    this.name = name;
    this.scorer = scorer;
    this.allocation = allocation;
    this.randomPositions = randomPositions;
    this.weights = weights;
    this.length = length;
  }

  /** Spends the budget otherwise; default {@link Allocations#global()}. */
  public OneShotPruner allocation(Allocation newAllocation) {
    return new OneShotPruner(name, scorer, newAllocation, randomPositions, weights, length);
  }

  /**
   * Takes from the scores only how many weights of each parameter stay; which ones is left to
   * chance ({@link MaskRule#randomPositions}). With SNIP's scores this is SNIP-ratio.
   */
  public OneShotPruner randomPositions() {
    return new OneShotPruner(name, scorer, allocation, true, weights, length);
  }

  /** Tunes the weights otherwise. */
  public OneShotPruner weights(UpdateRule rule, LearningRate rate) {
    return new OneShotPruner(
        name, scorer, allocation, randomPositions, new Stage.Motion(rule, rate), length);
  }

  /** Tunes for another length. */
  public OneShotPruner length(Length newLength) {
    return new OneShotPruner(name, scorer, allocation, randomPositions, weights, newLength);
  }

  @Override
  public String name() {
    return name + (randomPositions ? " ratio" : "");
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    return List.of(Tuning.stage(weights, length).mask(rule(sparsity)).build());
  }

  private MaskRule rule(Sparsity sparsity) {
    MaskRule rule = MaskRule.once(scorer, allocation, sparsity);
    return randomPositions ? MaskRule.randomPositions(rule) : rule;
  }

  /**
   * The mask alone, without any training; the model stays as it is.
   *
   * @param seed of random scorers
   */
  public MaskSet findMask(Model model, Sparsity sparsity, long seed) {
    try (Network network = Network.open(model, ParameterFilter.weights())) {
      ScoringContext context = network.scoringContext(new Seeds(seed));
      return rule(sparsity).begin(context, MaskSet.ones(context.layout()));
    }
  }
}
