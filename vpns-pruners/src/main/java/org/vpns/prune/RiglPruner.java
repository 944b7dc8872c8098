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
 * RigL (Evci et al. 2020, "Rigging the lottery"): sparse from the first step; now and then the
 * smallest weights give way to those that the loss calls for, each parameter keeping its number.
 *
 * <pre>
 * step t = dT, 2 dT, ... &lt; T_end:  k = floor(f(t) nnz),  f(t) = alpha / 2 (1 + cos(pi t / T_end))
 *     drop the k active weights of smallest |theta|,
 *     grow the k inactive ones of largest |dL/dw|, from theta = 0 and moments 0
 * other steps:  min over theta of L(f(m * theta))
 * </pre>
 *
 * <p>ITOP, in-time over-parameterisation (Liu et al. 2021, "Do we actually need dense
 * over-parameterization?"), is the same so often that in the course of training many more weights
 * are tried than the network holds at any time; in one of its forms it grows at random.
 *
 * <p>Defaults: random start with ERK densities; alpha 0.3, dT 100 steps (ITOP: 10), T_end three
 * quarters of all steps; growth by gradient; 120 epochs, SGD with momentum 0.9 and decay 1e-4, 0.01
 * falling by a cosine per epoch. The record of the stage tells R_s, the fraction of weights ever
 * active. Immutable.
 */
public final class RiglPruner implements Pruner {
  private final String name;
  private Scorer scorer = Scorers.random();
  private Allocation allocation = Allocations.erk();
  private double alpha = 0.3;
  private long every;
  private double until = 0.75;
  private Growth growth = Growth.GRADIENT;
  private boolean released;
  private GrownStart grown = GrownStart.ZERO;
  private Stage.Motion weights = Tuning.MOTION;
  private Length length = Length.epochs(120);

  private RiglPruner(String name, long every) {
    this.name = name;
    this.every = every;
  }

  static RiglPruner rigl() {
    return new RiglPruner("RigL", 100);
  }

  static RiglPruner itop() {
    return new RiglPruner("ITOP", 10);
  }

  private RiglPruner with(Consumer<RiglPruner> change) {
    RiglPruner copy = new RiglPruner(name, every);
    copy.scorer = scorer;
    copy.allocation = allocation;
    copy.alpha = alpha;
    copy.until = until;
    copy.growth = growth;
    copy.released = released;
    copy.grown = grown;
    copy.weights = weights;
    copy.length = length;
    change.accept(copy);
    return copy;
  }

  /** Starts from another mask: the best by score; the allocation fixes each parameter's number. */
  public RiglPruner start(Scorer newScorer, Allocation newAllocation) {
    return with(
        p -> {
          p.scorer = newScorer;
          p.allocation = newAllocation;
        });
  }

  /** First fraction dropped, above 0 and below 1. */
  public RiglPruner alpha(double newAlpha) {
    return with(p -> p.alpha = newAlpha);
  }

  /** Steps from one movement to the next, at least 1. */
  public RiglPruner every(long steps) {
    return with(p -> p.every = steps);
  }

  /** T_end as a fraction of all steps, above 0, at most 1. */
  public RiglPruner until(double fraction) {
    return with(p -> p.until = fraction);
  }

  /** Grows by gradient, or at random as SET. */
  public RiglPruner growth(Growth newGrowth) {
    return with(p -> p.growth = newGrowth);
  }

  /**
   * The form of the published code: a weight that is dropped and grown in one movement keeps its
   * value and moments.
   */
  public RiglPruner released() {
    return with(p -> p.released = true);
  }

  /**
   * Grown weights begin as if their layer were initialised, at random values of N(0, 2 / fan-in),
   * and not at 0; their moments are 0 all the same.
   */
  public RiglPruner initialiseGrown() {
    return with(p -> p.grown = GrownStart.INITIALISED);
  }

  /** Trains the weights otherwise. */
  public RiglPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Trains for another length. */
  public RiglPruner length(Length newLength) {
    return with(p -> p.length = newLength);
  }

  @Override
  public String name() {
    return name + (released ? " (released)" : "");
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    MaskRule start = MaskRule.once(scorer, allocation, sparsity);
    return List.of(
        Tuning.stage(weights, length)
            .mask(new CosineRegrowth(start, alpha, every, until, growth, grown, released))
            .build());
  }
}
