package org.vpns.examples;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.plugin.PrunerProvider;
import org.vpns.prune.OneShotPruner;
import org.vpns.train.Pruner;

/** The code of the guide "write your own pruner", word for word. */
final class OwnPruner {
  private OwnPruner() {}

  // README: scorer
  /** |w| / mean |w| of its layer: what a weight is worth beside its neighbours. */
  static final class RelativeMagnitude implements Scorer {
    @Override
    public Scores score(ScoringContext context) {
      return Scores.of(context.layout(), tensor -> relative(context.weights(tensor)));
    }

    private static float[] relative(float[] weights) {
      double sum = 0;
      for (float weight : weights) {
        sum += Math.abs(weight);
      }
      float mean = (float) (sum / weights.length);
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = mean == 0 ? 0 : Math.abs(weights[i]) / mean;
      }
      return scores;
    }

    @Override
    public String describe() {
      return "relative magnitude";
    }
  }

  // README: end

  static Pruner pruner() {
    // README: pruner
    Pruner pruner = new OneShotPruner("Relative magnitude", new RelativeMagnitude());
    // README: end
    return pruner;
  }

  // README: provider
  /** Listed in META-INF/services/org.vpns.plugin.PrunerProvider. */
  public static final class Provider implements PrunerProvider {
    @Override
    public Map<String, Supplier<Pruner>> pruners() {
      return Map.of("relative-magnitude", OwnPruner::pruner);
    }
  }

  // README: end

  static List<String> names() {
    return List.copyOf(org.vpns.plugin.NamedPruners.load().names());
  }
}
