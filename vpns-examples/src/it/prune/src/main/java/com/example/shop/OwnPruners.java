package com.example.shop;

import java.util.Map;
import java.util.function.Supplier;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.plugin.PrunerProvider;
import org.vpns.prune.OneShotPruner;
import org.vpns.train.Length;
import org.vpns.train.Pruner;

/** Makes our method known by its name. */
public final class OwnPruners implements PrunerProvider {
  @Override
  public Map<String, Supplier<Pruner>> pruners() {
    return Map.of("relative-magnitude", OwnPruners::pruner);
  }

  private static Pruner pruner() {
    return new OneShotPruner("Relative magnitude", new RelativeMagnitude())
        .weights(UpdateRule.sgd().momentum(0.9), LearningRate.cosine(0.05))
        .length(Length.epochs(2));
  }
}
