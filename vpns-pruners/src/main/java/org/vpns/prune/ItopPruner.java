package org.vpns.prune;

import java.util.List;
import java.util.function.Consumer;
import org.vpns.Allocation;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * ITOP, in-time over-parameterisation (Liu et al. 2021, "Do we actually need dense
 * over-parameterization?"): a sparse network that moves its mask so often that in the course of
 * training it has tried many more weights than it holds at any time.
 *
 * <pre>
 * t = dT, 2 dT, ... &lt; T_end:  k = floor(f(t) nnz),  f(t) = alpha / 2 (1 + cos(pi t / T_end))
 *     drop the k active weights of smallest |theta|, grow k others, from theta = 0 and moments 0
 * R_s = |weights ever active| / n
 * </pre>
 *
 * <p>Defaults: growth by gradient; random start with ERK densities; alpha 0.3, dT 10 steps, T_end
 * three quarters of all steps; 120 epochs, SGD with momentum 0.9 and decay 1e-4, 0.01 falling by a
 * cosine per epoch. The record of the stage tells R_s. Immutable.
 */
public final class ItopPruner implements Pruner {
  private Scorer scorer = Scorers.random();
  private Allocation allocation = Allocations.erk();
  private double alpha = 0.3;
  private long every = 10;
  private double until = 0.75;
  private Growth growth = Growth.GRADIENT;
  private GrownStart grown = GrownStart.ZERO;
  private Stage.Motion weights = Tuning.MOTION;
  private Length length = Length.epochs(120);

  ItopPruner() {}

  private ItopPruner with(Consumer<ItopPruner> change) {
    ItopPruner copy = new ItopPruner();
    copy.scorer = scorer;
    copy.allocation = allocation;
    copy.alpha = alpha;
    copy.every = every;
    copy.until = until;
    copy.growth = growth;
    copy.grown = grown;
    copy.weights = weights;
    copy.length = length;
    change.accept(copy);
    return copy;
  }

  /** Starts from another mask: the best by score; the allocation fixes each parameter's number. */
  public ItopPruner start(Scorer newScorer, Allocation newAllocation) {
    return with(
        p -> {
          p.scorer = newScorer;
          p.allocation = newAllocation;
        });
  }

  /** First fraction dropped, above 0 and below 1. */
  public ItopPruner alpha(double newAlpha) {
    return with(p -> p.alpha = newAlpha);
  }

  /** Steps from one movement to the next, at least 1. */
  public ItopPruner every(long steps) {
    return with(p -> p.every = steps);
  }

  /** T_end as a fraction of all steps, above 0, at most 1. */
  public ItopPruner until(double fraction) {
    return with(p -> p.until = fraction);
  }

  /** Grows by gradient, as RigL, or at random, as SET. */
  public ItopPruner growth(Growth newGrowth) {
    return with(p -> p.growth = newGrowth);
  }

  /**
   * Grown weights begin as if their layer were initialised, at random values of N(0, 2 / fan-in),
   * and not at 0; their moments are 0 all the same.
   */
  public ItopPruner initialiseGrown() {
    return with(p -> p.grown = GrownStart.INITIALISED);
  }

  /** Trains the weights otherwise. */
  public ItopPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Trains for another length. */
  public ItopPruner length(Length newLength) {
    return with(p -> p.length = newLength);
  }

  @Override
  public String name() {
    return "ITOP";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    MaskRule start = MaskRule.once(scorer, allocation, sparsity);
    return List.of(
        Tuning.stage(weights, length)
            .mask(new CosineRegrowth(start, alpha, every, until, growth, grown, false))
            .build());
  }
}
