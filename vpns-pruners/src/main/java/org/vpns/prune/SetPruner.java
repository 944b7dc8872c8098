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
 * SET, sparse evolutionary training (Mocanu et al. 2018, "Scalable training of artificial neural
 * networks with adaptive sparse connectivity"): sparse from the first step; between epochs the
 * weights nearest to zero give way to random others, each parameter keeping its number.
 *
 * <pre>
 * after each epoch but the last:
 *     drop the ceil(zeta n+) smallest positive weights, the ceil(zeta n-) negative ones closest to
 *     zero, and those at zero; grow as many, at random, where none was, from theta = 0
 * </pre>
 *
 * <p>Defaults: random start with ERK densities; zeta 0.3; 120 epochs, SGD with momentum 0.9 and
 * decay 1e-4, 0.01 falling by a cosine per epoch. The record of the stage tells the fraction of
 * weights ever active. Immutable.
 */
public final class SetPruner implements Pruner {
  private Scorer scorer = Scorers.random();
  private Allocation allocation = Allocations.erk();
  private double zeta = 0.3;
  private GrownStart grown = GrownStart.ZERO;
  private Stage.Motion weights = Tuning.MOTION;
  private Length length = Length.epochs(120);

  SetPruner() {}

  private SetPruner with(Consumer<SetPruner> change) {
    SetPruner copy = new SetPruner();
    copy.scorer = scorer;
    copy.allocation = allocation;
    copy.zeta = zeta;
    copy.grown = grown;
    copy.weights = weights;
    copy.length = length;
    change.accept(copy);
    return copy;
  }

  /** Starts from another mask: the best by score; the allocation fixes each parameter's number. */
  public SetPruner start(Scorer newScorer, Allocation newAllocation) {
    return with(
        p -> {
          p.scorer = newScorer;
          p.allocation = newAllocation;
        });
  }

  /** Fraction dropped after each epoch, above 0 and below 1. */
  public SetPruner zeta(double newZeta) {
    return with(p -> p.zeta = newZeta);
  }

  /**
   * Grown weights begin as if their layer were initialised, at random values of N(0, 2 / fan-in),
   * and not at 0; their moments are 0 all the same.
   */
  public SetPruner initialiseGrown() {
    return with(p -> p.grown = GrownStart.INITIALISED);
  }

  /** Trains the weights otherwise. */
  public SetPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Trains for another length. */
  public SetPruner length(Length newLength) {
    return with(p -> p.length = newLength);
  }

  @Override
  public String name() {
    return "SET";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    MaskRule start = MaskRule.once(scorer, allocation, sparsity);
    return List.of(Tuning.stage(weights, length).mask(new SetRegrowth(start, zeta, grown)).build());
  }
}
