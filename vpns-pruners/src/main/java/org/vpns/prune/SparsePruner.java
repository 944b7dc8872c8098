package org.vpns.prune;

import org.vpns.Allocation;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.score.Scorers;
import org.vpns.train.MaskRule;

/**
 * A method that is sparse from the first step, by default from a random mask with ERK densities,
 * and whose weights drop and grow while they train.
 *
 * @param <P> the method itself
 */
abstract class SparsePruner<P extends SparsePruner<P>> extends TunedPruner<P> {
  Scorer scorer = Scorers.random();
  boolean initialised;

  SparsePruner() {
    allocation = Allocations.erk();
  }

  /**
   * Which mask it starts from: the best by score; the allocation fixes each parameter's number for
   * good. Default {@link Scorers#random()}, {@link Allocations#erk()}.
   */
  public P start(Scorer newScorer, Allocation newAllocation) {
    Problem.given(newScorer, "SparsePruner.start", "scorer");
    Problem.given(newAllocation, "SparsePruner.start", "allocation");
    return with(p -> p.scorer = newScorer).allocation(newAllocation);
  }

  /**
   * Grown weights begin as if their layer were initialised, at random values of N(0, 2 / fan-in),
   * and not at 0; their moments are 0 all the same.
   */
  public P initialiseGrown() {
    return with(p -> p.initialised = true);
  }

  final MaskRule start(Sparsity sparsity) {
    return MaskRule.once(scorer, allocation, sparsity);
  }
}
