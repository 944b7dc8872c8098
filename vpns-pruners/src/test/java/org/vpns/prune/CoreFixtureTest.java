package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PrunedModel;
import org.vpns.report.StageRecord;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Trainer;

/**
 * The reference runs of {@code fixtures/core.*}, float32 here against float64 there. Every bound is
 * the one of the fixtures' README, which has it from six float32 runs with different rounding.
 */
class CoreFixtureTest {
  private static final SafeTensors EXPECTED = Fixtures.core();
  private static final JsonObject LAYOUT = Fixtures.coreJson().getAsJsonObject("layout");

  @TempDir Path folder;

  /** Bounds of one family of runs. */
  private record Bounds(
      double losses, double prompt, double weights, double statistics, double logits) {
    static Bounds of(String run) {
      if (run.equals("plain")) {
        return new Bounds(1e-3, 0, 1e-2, 1e-2, 4e-2);
      }
      if (run.startsWith("vpns_pad-")) {
        return new Bounds(2e-4, 1e-2, 1e-3, 1e-3, 4e-3);
      }
      return new Bounds(1e-5, 1e-3, 1e-4, 1e-4, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "magnitude-0.8",
        "magnitude-0.9",
        "hydra-0.8",
        "hydra-0.9",
        "vpns_pad-0.8",
        "vpns_pad-0.9",
        "vpns_fix-0.8",
        "vpns_fix-0.9",
        "vpns_fix_sigmoid-0.8",
        "vpns_pad_alternating-0.8",
        "vpns_pad_alternating-0.9",
        "vpns_pad_alternating_skip-0.8"
      })
  void run_throughBlock_reproducesFixture(String run) {
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = fit(run, model)) {
      check(run, pruned);
      checkState(run, pruned);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "magnitude-0.8",
        "hydra-0.8",
        "hydra-0.9",
        "vpns_pad-0.8",
        "vpns_fix-0.8",
        "vpns_pad_alternating-0.8"
      })
  void run_throughTorchScript_reproducesFixture(String run) throws Exception {
    try (Model model = FixtureRuns.script(folder);
        PrunedModel pruned = fit(run, model)) {
      check(run, pruned);
    }
  }

  @Test
  void run_onCopiesOfMemory_reproducesFixture() {
    System.setProperty("vpns.memory", "copy");
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = fit("vpns_fix-0.8", model)) {
      check("vpns_fix-0.8", pruned);
      checkState("vpns_fix-0.8", pruned);
    } finally {
      System.clearProperty("vpns.memory");
    }
  }

  /** With delta = 0 an additive prompt changes nothing yet; the grey square of the sigmoid does. */
  @ParameterizedTest
  @CsvSource({"vpns_pad-0.8,true", "vpns_fix-0.8,true", "vpns_fix_sigmoid-0.8,false"})
  void firstLoss_ofZeroPrompt_equalsHydras(String run, boolean equal) {
    try (Model one = FixtureRuns.block();
        Model two = FixtureRuns.block();
        PrunedModel hydra = fit("hydra-0.8", one);
        PrunedModel vpns = fit(run, two)) {
      double difference = Math.abs(losses(hydra)[0] - losses(vpns)[0]);
      // Half a unit in the sixth digit: float32 sums of 16 losses.
      assertThat(difference < 1e-6).isEqualTo(equal);
    }
  }

  private static PrunedModel fit(String run, Model model) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(FixtureRuns.recipe(run)).fit(model, FixtureRuns.splits(manager));
    }
  }

  private static double[] losses(PrunedModel pruned) {
    List<Double> all = new ArrayList<>();
    for (StageRecord stage : pruned.report().stages()) {
      all.addAll(stage.losses());
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void check(String run, PrunedModel pruned) {
    Bounds bounds = Bounds.of(run);
    double[] losses = losses(pruned);
    double[] expected = EXPECTED.doubles(run + ".losses");
    assertThat(losses).hasSameSizeAs(expected);
    for (int i = 0; i < losses.length; i++) {
      // The first steps of the dense run are as sharp as the others; later it is chaotic.
      double bound = run.equals("plain") && i < 4 ? 1e-5 : bounds.losses();
      assertThat(losses[i]).as("loss %d", i).isCloseTo(expected[i], within(bound * expected[i]));
    }
    if (EXPECTED.contains(run + ".mask")) {
      assertThat(differences(pruned.masks(), EXPECTED.bytes(run + ".mask"))).isZero();
    }
    if (EXPECTED.contains(run + ".scores")) {
      checkScores(pruned.scores(), EXPECTED.floats(run + ".scores"));
    }
    checkLogits(run, pruned, bounds);
  }

  private static void checkState(String run, PrunedModel pruned) {
    Bounds bounds = Bounds.of(run);
    VisualPrompt prompt = pruned.prompt();
    if (prompt != null) {
      checkPrompt(prompt, EXPECTED.floats(run + ".prompt"), bounds);
    }
    ParameterPaths paths = ParameterPaths.of(pruned.model().getBlock());
    if (EXPECTED.contains(run + ".weights")) {
      checkWeights(pruned, paths, EXPECTED.floats(run + ".weights"), bounds.weights());
    }
    float[] statistics = EXPECTED.floats(run + ".bn");
    int at = 0;
    for (String path : LAYOUT.getAsJsonObject("bn").keySet()) {
      for (float value : values(paths, path)) {
        assertThat(value).as(path).isCloseTo(statistics[at++], within((float) bounds.statistics()));
      }
    }
  }

  private static Offset<Float> within(float bound) {
    return Offset.offset(bound);
  }

  private static Offset<Double> within(double bound) {
    return Offset.offset(bound);
  }

  private static int differences(MaskSet masks, byte[] expected) {
    Layout layout = masks.layout();
    int differences = 0;
    for (int i = 0; i < layout.tensors(); i++) {
      for (int j = 0; j < layout.size(i); j++) {
        boolean kept = masks.get(layout.path(i)).isKept(j);
        differences += kept == (expected[layout.offset(i) + j] == 1) ? 0 : 1;
      }
    }
    return differences;
  }

  private static void checkScores(Scores scores, float[] expected) {
    int off = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(scores.get(i) - expected[i]);
      assertThat(difference).isLessThan(0.02);
      off += difference > 1e-4 ? 1 : 0;
    }
    assertThat(off).as("scores off by more than 1e-4").isLessThanOrEqualTo(10);
  }

  private static void checkPrompt(VisualPrompt prompt, float[] expected, Bounds bounds) {
    float[] values = prompt.delta().getArray().toFloatArray();
    boolean[] region = prompt.region();
    int at = 0;
    for (int i = 0; i < expected.length; i++) {
      if (region[i % region.length]) {
        assertThat(values[at++]).isCloseTo(expected[i], within((float) bounds.prompt()));
      } else {
        assertThat(expected[i]).isZero();
      }
    }
    assertThat(at).isEqualTo(values.length);
  }

  private static void checkWeights(
      PrunedModel pruned, ParameterPaths paths, float[] expected, double bound) {
    int at = 0;
    for (String path : LAYOUT.getAsJsonObject("weights").keySet()) {
      boolean masked = pruned.masks().asMap().containsKey(path);
      float[] values = values(paths, path);
      for (int i = 0; i < values.length; i++, at++) {
        if (masked && !pruned.masks().get(path).isKept(i)) {
          assertThat(Float.floatToRawIntBits(values[i])).as("removed %s", path).isZero();
        } else {
          assertThat(values[i]).as(path).isCloseTo(expected[at], within((float) bound));
        }
      }
    }
  }

  private static float[] values(ParameterPaths paths, String path) {
    NamedParameter parameter = paths.find(path);
    assertThat(parameter).as(path).isNotNull();
    return parameter.parameter().getArray().toFloatArray();
  }

  private static void checkLogits(String run, PrunedModel pruned, Bounds bounds) {
    try (NDManager manager = pruned.model().getNDManager().newSubManager()) {
      NDArray plain = manager.create(TinyResNet.plainInput(0), new Shape(16, 3, 32, 32));
      compare(pruned, plain, EXPECTED.doubles(run + ".logits_plain"), bounds);
      VisualPrompt prompt = pruned.prompt();
      if (prompt != null) {
        NDArray images = manager.create(TinyResNet.images(0), new Shape(16, 3, 24, 24));
        ParameterStore store = new ParameterStore(manager, false);
        NDArray prompted = prompt.forward(store, new NDList(images), false).head();
        compare(pruned, prompted, EXPECTED.doubles(run + ".logits_prompted"), bounds);
      }
    }
  }

  private static void compare(PrunedModel pruned, NDArray input, double[] expected, Bounds bounds) {
    ParameterStore store = new ParameterStore(input.getManager(), false);
    NDArray logits =
        pruned.model().getBlock().forward(store, new NDList(input), false).singletonOrThrow();
    float[] values = logits.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      assertThat((double) values[i]).isCloseTo(expected[i], within(bounds.logits()));
    }
  }
}
