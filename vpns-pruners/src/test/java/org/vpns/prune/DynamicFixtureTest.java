package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.io.SafeTensors;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.StageRecord;
import org.vpns.schedule.Rounds;
import org.vpns.schedule.Schedules;
import org.vpns.score.Scorers;
import org.vpns.testing.Engines;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;
import org.vpns.train.DataOrder;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/**
 * The reference runs {@code imp}, {@code gmp}, {@code rigl} and {@code bip} of {@code
 * fixtures/baselines.*}, float32 here against float64 there; bounds from the fixtures' README.
 */
class DynamicFixtureTest {
  private static final SafeTensors EXPECTED = Fixtures.baselines();
  private static final UpdateRule SGD = UpdateRule.sgd().momentum(0.9).decay(1e-4);
  private static final LearningRate RATE = LearningRate.constant(0.01);

  @TempDir Path folder;

  private static Recipe.Builder options(Recipe.Builder recipe) {
    return recipe.input(FixtureRuns.input()).batchSize(FixtureRuns.BATCH);
  }

  /** The method on the fixture's batches in order. */
  private static Recipe recipe(Pruner pruner, Sparsity sparsity) {
    return options(Recipe.of(new InOrder(pruner), sparsity)).build();
  }

  private record InOrder(Pruner pruner) implements Pruner {
    @Override
    public String name() {
      return pruner.name();
    }

    @Override
    public List<Stage> stages(Sparsity sparsity) {
      Pass pass = Pass.plain().order(FixtureRuns.CYCLE);
      return pruner.stages(sparsity).stream()
          .map(stage -> stage.toBuilder().passes(pass).build())
          .toList();
    }
  }

  private static PrunedModel fit(Model model, Recipe recipe, RunListener listener) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe).listener(listener).fit(model, FixtureRuns.splits(manager));
    }
  }

  private static LotteryPruner lottery() {
    return Pruners.lottery().weights(SGD, RATE).lengths(Length.iterations(8), Length.iterations(8));
  }

  @Test
  void lottery_throughBlock_reproducesFixture() {
    try (Model model = FixtureRuns.block()) {
      checkLottery(model, true);
    }
  }

  /** The module's statistics are not seen from here: only the whole module can be rewound. */
  @Test
  void lottery_throughTorchScript_reproducesFixture() throws Exception {
    try (Model model = FixtureRuns.script(folder)) {
      checkLottery(model, false);
    }
  }

  private static void checkLottery(Model model, boolean block) {
    Sparsity last = Rounds.DEFAULT.after(4);
    List<byte[]> masks = new ArrayList<>();
    RunListener watch =
        new RunListener() {
          @Override
          public void stageStarted(StageStart stage) {
            masks.add(nonZero(model));
          }
        };
    try (PrunedModel pruned = fit(model, recipe(lottery(), last), watch)) {
      List<StageRecord> stages = pruned.report().stages();
      assertThat(stages).extracting(StageRecord::name).last().isEqualTo("tune");
      assertThat(stages).hasSize(5);
      double[] losses = EXPECTED.doubles("imp.loss");
      for (int round = 1; round <= 4; round++) {
        close(losses(stages.get(round - 1)), slice(losses, 8 * (round - 1), 8), 1e-3);
        // The mask that ends a round begins the next stage.
        assertThat(masks.get(round)).isEqualTo(EXPECTED.bytes("imp.mask.round" + round));
      }
      close(losses(stages.get(4)), EXPECTED.doubles("imp.tune_loss"), 1e-3);
      checkWeights(pruned, "imp.weights", 1e-2);
      if (block) {
        checkEvaluationLoss(model, "imp", "eval_loss_after_tuning", 1e-3);
      }
    }
  }

  @Test
  void tickets_ofFourRounds_haveTheMasksOfTheFixture() {
    Sparsity[] targets = new Sparsity[4];
    for (int round = 1; round <= 4; round++) {
      targets[round - 1] = Rounds.DEFAULT.after(round);
    }
    AtomicInteger calls = new AtomicInteger();
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      LotteryTickets.of(new InOrder(lottery()), folder, targets)
          .options(DynamicFixtureTest::options)
          .run(
              model,
              FixtureRuns.splits(manager),
              (target, pruned) -> {
                int round = calls.incrementAndGet();
                assertThat(target).isEqualTo(Rounds.DEFAULT.after(round));
                assertThat(bits(pruned.masks()))
                    .isEqualTo(EXPECTED.bytes("imp.mask.round" + round));
              });
    }
    assertThat(calls).hasValue(4);
  }

  @Test
  void gradual_reproducesFixture() {
    Sparsity sparsity = Sparsity.of("0.9");
    GradualPruner gmp =
        Pruners.gradual()
            .schedule(Schedules.cubic(sparsity, 6, 2))
            .weights(SGD, RATE)
            .length(Length.iterations(16));
    List<Long> kept = new ArrayList<>();
    RunListener watch =
        new RunListener() {
          @Override
          public void stepFinished(Step step) {
            kept.add(Math.round(5272 * (1 - step.sparsity())));
          }
        };
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = fit(model, recipe(gmp, sparsity), watch)) {
      close(losses(pruned.report().stages().get(0)), EXPECTED.doubles("gmp.loss"), 1e-3);
      assertThat(bits(pruned.masks())).isEqualTo(EXPECTED.bytes("gmp.mask"));
      assertThat(kept)
          .containsExactly(
              5272L, 5272L, 3274L, 3274L, 1934L, 1934L, 1121L, 1121L, 703L, 703L, 550L, 550L, 528L,
              528L, 528L, 528L);
      checkWeights(pruned, "gmp.weights", 1e-2);
      checkEvaluationLoss(model, "gmp", "eval_loss", 1e-3);
      // A network that was never pruned without training has no accuracy of that moment.
      assertThat(pruned.report().pruned()).isNull();
    }
  }

  @Test
  void rigl_reproducesFixture() {
    Sparsity sparsity = Sparsity.of("0.9");
    RiglPruner rigl =
        Pruners.rigl()
            .start(Scorers.magnitude(), Allocations.erk())
            .every(4)
            .until(1)
            .weights(SGD, RATE)
            .length(Length.iterations(16));
    List<byte[]> first = new ArrayList<>();
    try (Model model = FixtureRuns.block();
        PrunedModel pruned =
            fit(
                model,
                recipe(rigl, sparsity),
                new RunListener() {
                  @Override
                  public void stageStarted(StageStart stage) {
                    first.add(nonZero(model));
                  }
                })) {
      close(losses(pruned.report().stages().get(0)), EXPECTED.doubles("rigl.loss"), 1e-4);
      assertThat(first.get(0)).isEqualTo(EXPECTED.bytes("rigl.mask.initial"));
      assertThat(bits(pruned.masks())).isEqualTo(EXPECTED.bytes("rigl.mask"));
      checkWeights(pruned, "rigl.weights", 1e-4);
      checkEvaluationLoss(model, "rigl", "eval_loss", 1e-4);
      Double explored = pruned.report().stages().get(0).explored();
      double expected =
          Fixtures.baselinesJson().getAsJsonObject("rigl").get("explored_fraction").getAsDouble();
      // a count over a count: equal to the last digit but one
      assertThat(explored).isCloseTo(expected, Offset.offset(1e-15));
    }
  }

  @Test
  void bip_reproducesFixture() {
    Sparsity sparsity = Sparsity.of("0.9");
    BipPruner bip =
        Pruners.bip()
            .scores(UpdateRule.sgd(), LearningRate.constant(1))
            .lowerRate(LearningRate.constant(0.01))
            .gamma(1)
            .length(Length.iterations(8));
    Stage stage = bip.stages(sparsity).get(0);
    Pass lower = stage.passes().get(0).order(even());
    Pass upper = stage.passes().get(1).order(odd());
    Recipe recipe =
        options(Recipe.of("BiP", sparsity, stage.toBuilder().passes(lower, upper).build()))
            .freezeStatistics()
            .build();
    List<byte[]> first = new ArrayList<>();
    try (Model model = FixtureRuns.block();
        PrunedModel pruned =
            fit(
                model,
                recipe,
                new RunListener() {
                  @Override
                  public void stageStarted(StageStart start) {
                    first.add(nonZero(model));
                  }
                })) {
      double[] losses = losses(pruned.report().stages().get(0));
      double[] low = new double[8];
      double[] up = new double[8];
      for (int i = 0; i < 8; i++) {
        low[i] = losses[2 * i];
        up[i] = losses[2 * i + 1];
      }
      close(low, EXPECTED.doubles("bip.lower_loss"), 1e-5);
      close(up, EXPECTED.doubles("bip.upper_loss"), 1e-5);
      assertThat(first.get(0)).isEqualTo(EXPECTED.bytes("bip.mask.initial"));
      assertThat(bits(pruned.masks())).isEqualTo(EXPECTED.bytes("bip.mask@0.9"));
      checkWeights(pruned, "bip.weights", 1e-4);
      checkScores(pruned.scores(), EXPECTED.floats("bip.scores"));
    }
  }

  private static DataOrder even() {
    return FixtureRuns.order(i -> 2 * (i % 4));
  }

  private static DataOrder odd() {
    return FixtureRuns.order(i -> 2 * (i % 4) + 1);
  }

  private static double[] losses(StageRecord stage) {
    return stage.losses().stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] slice(double[] values, int from, int length) {
    double[] slice = new double[length];
    System.arraycopy(values, from, slice, 0, length);
    return slice;
  }

  private static void close(double[] found, double[] expected, double bound) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("loss %d", i).isCloseTo(expected[i], Offset.offset(bound));
    }
  }

  /** Bits of a mask in flat order. */
  static byte[] bits(MaskSet masks) {
    byte[] bits = new byte[(int) masks.size()];
    int at = 0;
    for (Mask mask : masks.asMap().values()) {
      for (int i = 0; i < mask.size(); i++) {
        bits[at++] = (byte) (mask.isKept(i) ? 1 : 0);
      }
    }
    return bits;
  }

  /** Where the model's own prunable weights are not zero: no weight of the fixture is. */
  private static byte[] nonZero(Model model) {
    ParameterPaths paths = ParameterPaths.of(model.getBlock());
    Layout layout = paths.prunable(ParameterFilter.weights());
    byte[] bits = new byte[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      float[] values = values(paths, layout.path(i));
      for (int j = 0; j < values.length; j++) {
        bits[layout.offset(i) + j] = (byte) (values[j] == 0 ? 0 : 1);
      }
    }
    return bits;
  }

  private static float[] values(ParameterPaths paths, String path) {
    return paths.find(path).parameter().getArray().toFloatArray();
  }

  /** Kept weights, relative to the largest; removed ones are zero. */
  private static void checkWeights(PrunedModel pruned, String name, double bound) {
    float[] expected = EXPECTED.floats(name);
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    Layout layout = pruned.masks().layout();
    ParameterPaths paths = ParameterPaths.of(pruned.model().getBlock());
    for (int i = 0; i < layout.tensors(); i++) {
      float[] values = values(paths, layout.path(i));
      Mask mask = pruned.masks().get(layout.path(i));
      for (int j = 0; j < values.length; j++) {
        if (mask.isKept(j)) {
          assertThat((double) values[j])
              .as(layout.path(i))
              .isCloseTo(expected[layout.offset(i) + j], Offset.offset(bound * largest));
        } else {
          assertThat(Float.floatToRawIntBits(values[j])).isZero();
        }
      }
    }
  }

  /** Measured: 2.5e-7 of the largest between float32 and float64 there. */
  private static void checkScores(Scores scores, float[] expected) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) scores.get(i)).isCloseTo(expected[i], Offset.offset(1e-5 * largest));
    }
  }

  /** In evaluation mode, so that the running statistics have their part in it. */
  private static void checkEvaluationLoss(Model model, String run, String field, double bound) {
    double sum = 0;
    for (int batch = 0; batch < FixtureRuns.BATCHES; batch++) {
      float[] logits =
          Engines.evaluate(
              model.getBlock(), TinyResNet.plainInput(batch), new Shape(16, 3, 32, 32));
      long[] labels = TinyResNet.labels(batch);
      for (int i = 0; i < labels.length; i++) {
        double total = 0;
        for (int c = 0; c < TinyResNet.TARGET_CLASSES; c++) {
          total += Math.exp(logits[i * 20 + c]);
        }
        sum += Math.log(total) - logits[i * 20 + (int) labels[i]];
      }
    }
    JsonObject json = Fixtures.baselinesJson().getAsJsonObject(run);
    double expected = json.get(field).getAsDouble();
    assertThat(sum / (FixtureRuns.BATCHES * FixtureRuns.BATCH))
        .isCloseTo(expected, Offset.offset(bound));
  }
}
