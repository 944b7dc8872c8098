package org.vpns.prune;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.PromptSpec;
import org.vpns.prompt.Prompts;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;
import org.vpns.train.DataOrder;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** The recipes of the reference runs in {@code fixtures/core.*}, as its README describes them. */
final class FixtureRuns {
  static final int BATCH = 16;
  static final int BATCHES = 8;
  private static final double DECAY = 1e-4;
  private static final UpdateRule SGD = UpdateRule.sgd().momentum(0.9).decay(DECAY);
  private static final UpdateRule ADAM = UpdateRule.adam().decay(DECAY);

  private FixtureRuns() {}

  static ImageInput input() {
    return ImageInput.of(3, 32, 32).imageSize(24, 24).imageNetNormalisation();
  }

  /** Images {@code from} (inclusive) to {@code to} (exclusive) of the fixture's 128. */
  static ArrayDataset dataset(NDManager manager, int from, int to) {
    int size = 3 * 24 * 24;
    float[] images = new float[(to - from) * size];
    long[] labels = new long[to - from];
    for (int i = from; i < to; i++) {
      float[] batch = TinyResNet.images(i / BATCH);
      System.arraycopy(batch, i % BATCH * size, images, (i - from) * size, size);
      labels[i - from] = TinyResNet.labels(i / BATCH)[i % BATCH];
    }
    NDArray data = manager.create(images, new Shape(to - from, 3, 24, 24));
    return SmallRuns.dataset(data, labels);
  }

  /** The first so many of them to train on. */
  static ImageSets splits(NDManager manager, int images) {
    return ImageSets.of(dataset(manager, 0, images), TinyResNet.TARGET_CLASSES);
  }

  /** The fixture's 128 images, then the same mirrored left to right. */
  static ImageSets splits(NDManager manager) {
    float[] images = new float[2 * BATCHES * BATCH * 3 * 24 * 24];
    long[] labels = new long[2 * BATCHES * BATCH];
    int size = BATCH * 3 * 24 * 24;
    for (int b = 0; b < BATCHES; b++) {
      float[] batch = TinyResNet.images(b);
      System.arraycopy(batch, 0, images, b * size, size);
      for (int i = 0; i < size; i++) {
        images[(BATCHES + b) * size + i] = batch[i / 24 * 24 + 23 - i % 24];
      }
      System.arraycopy(TinyResNet.labels(b), 0, labels, b * BATCH, BATCH);
      System.arraycopy(TinyResNet.labels(b), 0, labels, (BATCHES + b) * BATCH, BATCH);
    }
    NDArray data = manager.create(images, new Shape(labels.length, 3, 24, 24));
    ArrayDataset dataset =
        new ArrayDataset.Builder()
            .setData(data)
            .optLabels(manager.create(labels))
            .setSampling(BATCH, false)
            .build();
    return ImageSets.of(dataset, TinyResNet.TARGET_CLASSES);
  }

  /**
   * Reads batch {@code batchAt(t)} at iteration t; numbers from 8 on are the mirrored batches. The
   * data set has 16 batches, so one epoch lasts 16 iterations.
   */
  static DataOrder order(IntUnaryOperator batchAt) {
    return (epoch, size, seeds, stream) -> {
      long[] order = new long[size];
      for (int t = 0; t < size / BATCH; t++) {
        int batch = batchAt.applyAsInt(epoch * (size / BATCH) + t);
        for (int i = 0; i < BATCH; i++) {
          order[t * BATCH + i] = (long) batch * BATCH + i;
        }
      }
      return order;
    };
  }

  static final DataOrder CYCLE = order(t -> t % BATCHES);
  private static final DataOrder BACKWARDS = order(t -> BATCHES - 1 - t % BATCHES);
  private static final DataOrder MIRRORED_WHEN_ODD =
      order(t -> t % BATCHES + (t % 2 == 1 ? BATCHES : 0));

  /** The recipe of a run, such as {@code vpns_pad-0.8}. */
  static Recipe recipe(String run) {
    int dash = run.indexOf('-');
    String name = dash < 0 ? run : run.substring(0, dash);
    Sparsity sparsity = dash < 0 ? Sparsity.DENSE : Sparsity.of(run.substring(dash + 1));
    Pass plain = Pass.plain().order(CYCLE);
    Recipe.Builder recipe =
        switch (name) {
          case "plain" ->
              Recipe.of(
                  "plain",
                  sparsity,
                  Stage.builder("train")
                      .train(Target.WEIGHTS, SGD, LearningRate.constant(0.05))
                      .pass(Pass.plain().order(order(t -> (t + 1) % BATCHES)))
                      .length(Length.iterations(16))
                      .build());
          case "magnitude" ->
              Recipe.of(
                  "magnitude",
                  sparsity,
                  Pruners.magnitude()
                      .weights(SGD, LearningRate.constant(0.02))
                      .length(Length.iterations(8))
                      .stages(sparsity)
                      .stream()
                      .map(stage -> stage.toBuilder().passes(plain).build())
                      .toArray(Stage[]::new));
          case "hydra" ->
              Recipe.of(
                  "hydra",
                  sparsity,
                  Pruners.hydra()
                      .scores(ADAM, LearningRate.constant(0.009))
                      .weights(SGD, LearningRate.constant(0.02))
                      .lengths(Length.iterations(16), Length.iterations(8))
                      .stages(sparsity)
                      .stream()
                      .map(stage -> stage.toBuilder().passes(plain).build())
                      .toArray(Stage[]::new));
          case "vpns_pad", "vpns_fix", "vpns_fix_sigmoid" ->
              Recipe.of(
                      Pruners.vpns()
                          .scores(ADAM, LearningRate.constant(0.01))
                          .promptInFinding(ADAM, LearningRate.constant(0.01))
                          .weights(SGD, LearningRate.constant(0.02))
                          .promptInTuning(SGD, LearningRate.constant(0.5))
                          .passes(Pass.prompted().order(CYCLE))
                          .lengths(Length.iterations(16), Length.iterations(8)),
                      sparsity)
                  .prompt(prompt(name));
          case "vpns_pad_alternating", "vpns_pad_alternating_skip" -> {
            Pass second = Pass.plain().order(MIRRORED_WHEN_ODD);
            yield Recipe.of(
                    Pruners.vpns()
                        .scores(ADAM, LearningRate.constant(0.009))
                        .promptInFinding(ADAM, LearningRate.constant(0.009))
                        .weights(SGD, LearningRate.constant(0.02))
                        .promptInTuning(SGD, LearningRate.constant(0.5))
                        .passes(
                            Pass.prompted().stream("prompt").order(BACKWARDS),
                            name.endsWith("skip") ? second : second.idlePrompt())
                        .lengths(Length.iterations(8), Length.iterations(4)),
                    sparsity)
                .prompt(prompt(name));
          }
          default -> throw new IllegalArgumentException(run);
        };
    return recipe.input(input()).batchSize(BATCH).build();
  }

  private static PromptSpec prompt(String name) {
    if (name.startsWith("vpns_pad")) {
      return Prompts.pad(4);
    }
    return name.endsWith("sigmoid") ? Prompts.fix(13).sigmoid() : Prompts.fix(13);
  }

  /** The network as a block of DJL. */
  static Model block() {
    return TinyResNet.newModel();
  }

  /** The network as a TorchScript module. */
  static Model script(Path folder) throws Exception {
    Path file = Fixtures.copy("tinyresnet.pt", folder);
    Model model = Model.newInstance("tinyresnet");
    model.load(file, null, Map.of("trainParam", "true"));
    return model;
  }

  static float[] flat(float[][] rows) {
    int length = Arrays.stream(rows).mapToInt(row -> row.length).sum();
    float[] all = new float[length];
    int at = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
  }
}
