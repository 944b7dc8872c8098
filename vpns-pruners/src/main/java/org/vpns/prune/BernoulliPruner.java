package org.vpns.prune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.FixedMask;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * Keeps each weight with probability 1 - s, independently: u ~ U[0,1) from the stream of its
 * tensor, kept where u &gt;= s. The number kept is random, s n on average removed. Defaults as
 * {@link OneShotPruner}. Immutable.
 */
public final class BernoulliPruner implements Pruner {
  private final Stage.Motion weights;
  private final Length length;

  BernoulliPruner() {
    this(Tuning.MOTION, Length.epochs(120));
  }

  private BernoulliPruner(Stage.Motion weights, Length length) {
    this.weights = weights;
    this.length = length;
  }

  /** Tunes the weights otherwise. */
  public BernoulliPruner weights(UpdateRule rule, LearningRate rate) {
    return new BernoulliPruner(new Stage.Motion(rule, rate), length);
  }

  /** Tunes for another length. */
  public BernoulliPruner length(Length newLength) {
    return new BernoulliPruner(weights, newLength);
  }

  @Override
  public String name() {
    return "Random (Bernoulli)";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    return List.of(Tuning.stage(weights, length).mask(new Coins(sparsity)).build());
  }

  private record Coins(Sparsity sparsity) implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
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
    public String describe() {
      return "each weight kept with probability " + sparsity.density();
    }
  }
}
