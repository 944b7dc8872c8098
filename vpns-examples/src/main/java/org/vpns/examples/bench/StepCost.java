package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.PromptFactory;
import org.vpns.Scores;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.allocate.Allocations;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.learn.Learner;
import org.vpns.internal.learn.PlainLearner;
import org.vpns.internal.learn.ScoreLearner;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.model.ResNets;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.score.Scorers;

/**
 * What a mask-finding step costs beside a plain training step with DJL's own SGD, on ResNet-18 with
 * 1000 classes, all 11.7 million scores by Adam, exact global selection at 0.9. Serves the question
 * whether learning scores is affordable at all.
 */
public final class StepCost {
  private final int batch;
  private final int side;
  private final Seeds seeds = new Seeds(7);

  private StepCost(int batch, int side) {
    this.batch = batch;
    this.side = side;
  }

  /** Prints both settings of docs/benchmarks.md, or the one whose side is given: 32 or 224. */
  public static void main(String[] args) {
    System.setProperty("ai.djl.offline", "true");
    boolean small = args.length == 0 || args[0].equals("32");
    boolean large = args.length == 0 || args[0].equals("224");
    if (small) {
      new StepCost(128, 32).measure(5, 25);
    }
    if (large) {
      new StepCost(16, 224).measure(2, 11);
    }
  }

  private void measure(int warmUp, int repetitions) {
    try (Setting plain = new Setting(null);
        Setting tuning = new Setting(null);
        Setting mask = new Setting(null);
        Setting prompted = new Setting(Prompts.pad(side / 14))) {
      Runnable baseline = plain.djlStep();
      Runnable ownSgd =
          tuning.step(
              new WeightLearner(
                  new EffectiveWeights(tuning.network),
                  UpdateRule.sgd().momentum(0.9).decay(5e-4),
                  tuning.team));
      Runnable find = mask.step(mask.scores());
      VisualPrompt prompt = prompted.prompt;
      Runnable findPrompted =
          prompt == null
              ? find
              : prompted.step(
                  prompted.scores(), PlainLearner.prompt(prompt, UpdateRule.adam().decay(1e-4)));
      new Interleaved()
          .add("SGD step, DJL's optimiser", baseline)
          .add("tuning step (SGD, mask)", ownSgd)
          .add("mask-finding step", find)
          .add("mask-finding step, pad prompt " + side / 14, findPrompted)
          .run("ResNet-18, " + side + " x " + side + ", batch " + batch, warmUp, repetitions);
    }
  }

  /** A network of its own with one batch of noise. */
  private final class Setting implements AutoCloseable {
    final Model model;
    final Network network;
    final ThreadTeam team = new ThreadTeam();
    final @Nullable VisualPrompt prompt;
    private final ImagePlacement placement;
    private final NDArray images;
    private final NDArray labels;
    private final Loss loss = Loss.softmaxCrossEntropyLoss();

    Setting(@Nullable PromptFactory factory) {
      ImageInput input = ImageInput.of(3, side, side).imageNetNormalisation();
      model = ResNets.resnet18().withInput(3, side, side).newModel("resnet18", 7);
      network = Network.open(model, ParameterFilter.weights());
      NDManager manager = network.manager();
      placement = ImagePlacement.of(input);
      prompt = factory == null ? null : factory.create(manager, input, seeds.stream("prompt"));
      RandomGenerator random = seeds.stream("images");
      float[] pixels = new float[batch * 3 * side * side];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = random.nextFloat();
      }
      images = manager.create(pixels, new Shape(batch, 3, side, side));
      long[] classes = new long[batch];
      for (int i = 0; i < batch; i++) {
        classes[i] = random.nextInt(1000);
      }
      labels = manager.create(classes);
    }

    private void backward() {
      try (NDScope arrays = new NDScope();
          GradientCollector collector = network.manager().getEngine().newGradientCollector()) {
        arrays.suppressNotUsedWarning();
        NDArray input =
            prompt == null
                ? placement.apply(images)
                : prompt.forward(network.store(), new NDList(images), true).head();
        NDArray mean = loss.evaluate(new NDList(labels), new NDList(network.forward(input, true)));
        collector.backward(mean);
        if (!Float.isFinite(mean.getFloat())) {
          throw new IllegalStateException("loss is not finite");
        }
      }
    }

    Runnable djlStep() {
      List<NamedParameter> trained = new ArrayList<>();
      List<NDArray> arrays = new ArrayList<>();
      for (NamedParameter p : network.paths()) {
        if (!p.path().contains("running_")) {
          trained.add(p);
          arrays.add(p.parameter().getArray());
        }
      }
      network.train(arrays);
      Optimizer sgd =
          Optimizer.sgd()
              .setLearningRateTracker(Tracker.fixed(1e-4f))
              .optMomentum(0.9f)
              .optWeightDecays(5e-4f)
              .build();
      return () -> {
        backward();
        for (NamedParameter p : trained) {
          try (NDArray gradient = p.parameter().getArray().getGradient()) {
            sgd.update(p.parameter().getId(), p.parameter().getArray(), gradient);
          }
        }
      };
    }

    ScoreLearner scores() {
      Scores start = Scorers.scaledInitialisation().score(NetworkScoring.of(network, seeds));
      return new ScoreLearner(
          new EffectiveWeights(network),
          start,
          Allocations.global(),
          Sparsity.of(0.9),
          UpdateRule.adam().decay(1e-4),
          team);
    }

    Runnable step(Learner... learners) {
      List<NDArray> arrays = new ArrayList<>();
      for (Learner learner : learners) {
        arrays.addAll(learner.trained());
      }
      network.train(arrays);
      return () -> {
        backward();
        for (Learner learner : learners) {
          learner.update(1e-4);
        }
      };
    }

    @Override
    public void close() {
      team.close();
      network.close();
      model.close();
    }
  }
}
