package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.Batchifier;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.internal.network.Network;
import org.vpns.model.ResNets;
import org.vpns.optim.UpdateRule;
import org.vpns.prune.OneShotPruner;
import org.vpns.prune.Pruners;

/**
 * What it costs to score all weights of ResNet-18 at 32 x 32 and to select a tenth of them, beside
 * a training step of the same network on the batch that SNIP and GraSP look at. Serves the question
 * whether a mask may be found anew wherever a step may be taken.
 */
public final class ScoringCost {
  private static final int BATCH = 128;
  private static final int SIDE = 32;
  private static final Sparsity SPARSITY = Sparsity.of("0.9");
  private static final Seeds SEEDS = new Seeds(7);

  private final Model model = ResNets.resnet18().withInput(3, SIDE, SIDE).newModel("resnet18", 7);
  private final NDArray images;
  private final NDArray labels;
  private final Batch batch;

  private ScoringCost() {
    RandomGenerator random = SEEDS.stream("images");
    float[] pixels = new float[BATCH * 3 * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    long[] classes = new long[BATCH];
    for (int i = 0; i < BATCH; i++) {
      classes[i] = random.nextInt(1000);
    }
    NDManager manager = model.getNDManager();
    images = manager.create(pixels, new Shape(BATCH, 3, SIDE, SIDE));
    labels = manager.create(classes);
    batch =
        new Batch(
            manager.newSubManager(),
            new NDList(images),
            new NDList(labels),
            BATCH,
            Batchifier.STACK,
            Batchifier.STACK,
            0,
            0);
  }

  /**
   * Prints the table of docs/benchmarks.md.
   *
   * @param args repetitions, default 11; rounds of SynFlow, default 100, in a line of their own
   */
  public static void main(String[] args) {
    System.setProperty("ai.djl.offline", "true");
    int repetitions = args.length > 0 ? Integer.parseInt(args[0]) : 11;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 100;
    ScoringCost cost = new ScoringCost();
    try (Model ownModel = cost.model) {
      cost.measure(repetitions);
      cost.inRounds(rounds);
    }
  }

  private void measure(int repetitions) {
    try (Model other = ResNets.resnet18().withInput(3, SIDE, SIDE).newModel("resnet18", 7);
        Network network = Network.open(other, ParameterFilter.weights());
        ThreadTeam team = new ThreadTeam()) {
      new Interleaved()
          .add("training step (SGD)", step(network, team))
          .add("SNIP", () -> find(Pruners.snip().rounds(1)))
          .add("GraSP", () -> find(Pruners.grasp().rounds(1)))
          .add("SynFlow, one round of its own", () -> findWithoutImages(1))
          .run("ResNet-18, " + SIDE + " x " + SIDE + ", batch " + BATCH, 2, repetitions);
    }
  }

  private void inRounds(int rounds) {
    long begin = System.nanoTime();
    findWithoutImages(rounds);
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf("  SynFlow in %d rounds, tracing included: %.1f s%n", rounds, seconds);
  }

  /** A plain step: nothing is removed. */
  private Runnable step(Network network, ThreadTeam team) {
    WeightLearner learner =
        new WeightLearner(
            new EffectiveWeights(network), UpdateRule.sgd().momentum(0.9).decay(5e-4), team);
    List<NDArray> trained = new ArrayList<>(learner.trained());
    network.train(trained);
    return () -> {
      try (NDScope arrays = new NDScope();
          GradientCollector collector = network.manager().getEngine().newGradientCollector()) {
        arrays.suppressNotUsedWarning();
        NDArray logits = network.forward(images, true);
        collector.backward(
            Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits)));
      }
      learner.update(1e-4);
    };
  }

  private void find(OneShotPruner pruner) {
    require(pruner.findMask(model, batch, SPARSITY));
  }

  private void findWithoutImages(int rounds) {
    require(Pruners.synFlow().rounds(rounds).findMask(model, new Shape(3, SIDE, SIDE), SPARSITY));
  }

  private static void require(MaskSet masks) {
    if (masks.kept() != SPARSITY.keep(masks.size())) {
      throw new IllegalStateException("mask of another sparsity");
    }
  }
}
