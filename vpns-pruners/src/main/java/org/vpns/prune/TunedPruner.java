package org.vpns.prune;

import java.util.List;
import org.vpns.Allocation;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * A method that trains weights under a mask, with what all such methods have. Its one stage, or its
 * last, is {@link Stage#tuning}.
 *
 * @param <P> the method itself
 */
public abstract class TunedPruner<P extends TunedPruner<P>> extends Value<P> implements Pruner {
  /** Who shares out the weights kept. */
  protected Allocation allocation = Allocations.global();

  /** How the weights move. */
  protected Stage.Motion weights = Stage.Motion.OF_WEIGHTS;

  /** How long. */
  protected Length length = Length.epochs(120);

  /** For methods of one's own. */
  protected TunedPruner() {}

  /**
   * How the weights kept are shared out; default {@link Allocations#global()}, one ranking, unless
   * the method says otherwise.
   */
  public P allocation(Allocation newAllocation) {
    Problem.given(newAllocation, "TunedPruner.allocation", "allocation");
    return with(p -> p.allocation = newAllocation);
  }

  /** How the weights move under the mask; default {@link Stage.Motion#OF_WEIGHTS}. */
  public P weights(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "TunedPruner.weights", "rule");
    Problem.given(rate, "TunedPruner.weights", "rate");
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** How long the weights train under the mask; default 120 epochs, or what the method says. */
  public P length(Length newLength) {
    Problem.given(newLength, "TunedPruner.length", "length");
    return with(p -> p.length = newLength);
  }

  /** Where the mask of a sparsity comes from. */
  protected abstract MaskRule mask(Sparsity sparsity);

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Problem.given(sparsity, "TunedPruner.stages", "sparsity");
    return List.of(Stage.tuning(weights, length).mask(mask(sparsity)).build());
  }

  @Override
  public String toString() {
    return name();
  }
}
