package org.vpns.examples.bench;

import ai.djl.Model;
import org.vpns.ParameterFilter;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.learn.ScoreLearner;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.model.ResNets;
import org.vpns.optim.UpdateRule;
import org.vpns.score.Scorers;

/**
 * What the sweep over ResNet-18's 11,678,912 scores costs without the network: gradient, Adam,
 * selection, writing the weights. At sparsity 0 there is nothing to decide, so the difference is
 * what exact selection adds inside the sweep. Gradients are zero; scores move by decay. Serves the
 * question where a step's time goes.
 */
public final class SweepCost {
  private static final Seeds SEEDS = new Seeds(7);

  private SweepCost() {}

  /** Prints medians on one thread and on two. */
  public static void main(String[] args) {
    System.setProperty("ai.djl.offline", "true");
    for (int threads = 1; threads <= 2; threads++) {
      measure(threads);
    }
  }

  private static void measure(int threads) {
    try (Model one = ResNets.resnet18().newModel("resnet18", 7);
        Model two = ResNets.resnet18().newModel("resnet18", 7);
        Network dense = Network.open(one, ParameterFilter.weights());
        Network sparse = Network.open(two, ParameterFilter.weights());
        ThreadTeam team = new ThreadTeam(threads)) {
      ScoreLearner all = learner(dense, Sparsity.DENSE, team);
      ScoreLearner tenth = learner(sparse, Sparsity.of(0.9), team);
      new Interleaved()
          .add("sweep, sparsity 0", () -> all.update(1e-4))
          .add("sweep, sparsity 0.9, exact", () -> tenth.update(1e-4))
          .run("11,678,912 scores, threads: " + threads, 10, 41);
      System.out.println("  selections made anew: " + tenth.misses() + " of 51");
    }
  }

  private static ScoreLearner learner(Network network, Sparsity sparsity, ThreadTeam team) {
    ScoreLearner learner =
        new ScoreLearner(
            new EffectiveWeights(network),
            Scorers.scaledInitialisation().score(NetworkScoring.of(network, SEEDS)),
            Allocations.global(),
            sparsity,
            UpdateRule.adam().decay(1e-4),
            team);
    network.train(learner.trained());
    return learner;
  }
}
