package org.vpns.prune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.FixedMask;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * Keeps each weight with probability 1 - s, independently: u ~ U[0,1) from the stream of its
 * tensor, kept where u &gt;= s. The number kept is random, s n on average removed.
 */
public final class BernoulliPruner extends Value<BernoulliPruner> implements Pruner {
  private Stage.Motion weights = Stage.Motion.OF_WEIGHTS;
  private Length length = Length.epochs(120);

  BernoulliPruner() {}

  /** How the weights move under the mask; default {@link Stage.Motion#OF_WEIGHTS}. */
  public BernoulliPruner weights(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "BernoulliPruner.weights", "rule");
    Problem.given(rate, "BernoulliPruner.weights", "rate");
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** How long the weights train under the mask; default 120 epochs. */
  public BernoulliPruner length(Length newLength) {
    Problem.given(newLength, "BernoulliPruner.length", "length");
    return with(p -> p.length = newLength);
  }

  @Override
  public String name() {
    return "Random (Bernoulli)";
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Problem.given(sparsity, "BernoulliPruner.stages", "sparsity");
    return List.of(Stage.tuning(weights, length).mask(new Coins(sparsity)).build());
  }

  private record Coins(Sparsity sparsity) implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      Problem.given(context, "MaskRule.begin", "context");
      Problem.given(current, "MaskRule.begin", "current");
      Layout layout = context.layout();
      Map<String, Mask> masks = new LinkedHashMap<>();
      for (int i = 0; i < layout.tensors(); i++) {
        RandomGenerator random = context.random("random-mask/" + layout.path(i));
        masks.put(
            layout.path(i),
            Mask.of(layout.shape(i), entry -> random.nextDouble() >= sparsity.doubleValue()));
      }
      return MaskSet.of(masks);
    }

    @Override
    public boolean isExact() {
      return false;
    }

    @Override
    public String describe() {
      return "each weight kept with probability " + sparsity.density();
    }

    @Override
    public String toString() {
      return describe();
    }
  }
}
