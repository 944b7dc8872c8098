package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.StageRecord;
import org.vpns.schedule.Rounds;
import org.vpns.testing.Outcome;
import org.vpns.train.DataOrder;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** The state with which a stage begins, bit for bit, statistics included. */
final class RewindTest {
  private static final Sparsity SPARSITY = Sparsity.of("0.8");

  @TempDir Path folder;

  /** Two rounds and tuning, five steps each. */
  private static LotteryPruner lottery(Rewind rewind) {
    return Pruners.lottery()
        .rounds(new Rounds(Sparsity.of("0.6")))
        .rewind(rewind)
        .weights(SmallRuns.SGD, SmallRuns.TUNING)
        .lengths(Length.iterations(5), Length.iterations(5));
  }

  private static Recipe.Builder recipe(Pruner pruner) {
    return Recipe.of(pruner, SPARSITY).input(SmallRuns.input()).batchSize(SmallRuns.BATCH);
  }

  private static PrunedModel fit(Model model, Recipe recipe, RunListener listener) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe).listener(listener).fit(model, SmallRuns.splits(manager));
    }
  }

  /** Parameters of the model when each stage begins, and how many losses its record has. */
  private static final class Watch implements RunListener {
    final Model model;
    final List<Map<String, List<Integer>>> begun = new ArrayList<>();
    final List<List<Integer>> logits = new ArrayList<>();
    final List<StageRecord> done = new ArrayList<>();

    Watch(Model model) {
      this.model = model;
    }

    @Override
    public void stageStarted(StageStart stage) {
      begun.add(Outcome.parameters(model));
      logits.add(Outcome.logits(model));
    }

    @Override
    public void stageFinished(StageRecord stage) {
      done.add(stage);
    }
  }

  private static Watch run(Model model, Rewind rewind) {
    Watch watch = new Watch(model);
    fit(model, recipe(lottery(rewind)).build(), watch).close();
    assertThat(watch.begun).hasSize(3);
    return watch;
  }

  /** Equal but for removed weights, which are zero. */
  private static void assertMaskedForm(
      Map<String, List<Integer>> found, Map<String, List<Integer>> state, double density) {
    assertThat(found.keySet()).isEqualTo(state.keySet());
    int kept = 0;
    for (String path : state.keySet()) {
      List<Integer> values = found.get(path);
      if (!path.endsWith("weight") || path.contains("bn") || path.contains("downsample.1")) {
        assertThat(values).as(path).isEqualTo(state.get(path));
        continue;
      }
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i) != 0) {
          assertThat(values.get(i)).as(path).isEqualTo(state.get(path).get(i));
          kept++;
        }
      }
    }
    assertThat(kept).isEqualTo((int) Sparsity.ofDensity(density).keep(5272));
  }

  @Test
  void stages_rewoundToPretrained_beginWithIt() {
    try (Model model = FixtureRuns.block()) {
      Map<String, List<Integer>> start = Outcome.parameters(model);
      Watch watch = run(model, Rewind.pretrained());
      assertThat(watch.begun.get(0)).isEqualTo(start);
      assertMaskedForm(watch.begun.get(1), start, 0.4);
      assertMaskedForm(watch.begun.get(2), start, 0.2);
      assertThat(watch.done).extracting(StageRecord::gradientSteps).containsExactly(5L, 5L, 5L);
    }
  }

  /** A module's statistics show in the logits alone: those of a block with the same weights. */
  @Test
  void stagesOfTorchScript_rewoundToPretrained_answerAsABlock() throws Exception {
    try (Model script = FixtureRuns.script(folder);
        Model block = FixtureRuns.block()) {
      List<List<Integer>> modules = run(script, Rewind.pretrained()).logits;
      List<List<Integer>> blocks = run(block, Rewind.pretrained()).logits;
      for (int stage = 0; stage < 3; stage++) {
        for (int i = 0; i < modules.get(stage).size(); i++) {
          float module = Float.intBitsToFloat(modules.get(stage).get(i));
          float other = Float.intBitsToFloat(blocks.get(stage).get(i));
          // two executors, sums in another order
          assertThat(Math.abs(module - other)).isLessThan(1e-4f);
        }
      }
    }
  }

  @Test
  void stages_rewoundToEarlySteps_beginWithThem_andGoOnFromThere() {
    Map<String, List<Integer>> after2;
    try (Model model = FixtureRuns.block()) {
      // The first round's first two steps, under the learning rates of all five.
      Map<Long, Map<String, List<Integer>>> steps = new LinkedHashMap<>();
      RunListener watch =
          new RunListener() {
            @Override
            public void stepFinished(Step step) {
              steps.put(step.done(), Outcome.parameters(model));
            }
          };
      fit(model, recipe(lottery(Rewind.pretrained())).build(), watch).close();
      after2 = steps.get(2L);
    }
    try (Model model = FixtureRuns.block()) {
      Watch watch = run(model, Rewind.early(2));
      assertMaskedForm(watch.begun.get(1), after2, 0.4);
      assertMaskedForm(watch.begun.get(2), after2, 0.2);
      assertThat(watch.done).extracting(StageRecord::gradientSteps).containsExactly(5L, 3L, 3L);
    }
  }

  @Test
  void stages_rewoundToInitial_beginWithTheSameNewValues() {
    try (Model model = FixtureRuns.block()) {
      Map<String, List<Integer>> start = Outcome.parameters(model);
      Watch watch = run(model, Rewind.initial());
      Map<String, List<Integer>> first = watch.begun.get(0);
      assertThat(first.get("conv1.weight")).isNotEqualTo(start.get("conv1.weight"));
      assertThat(first.get("bn1.running_mean")).containsOnly(0);
      assertThat(first.get("bn1.running_var")).containsOnly(Float.floatToRawIntBits(1));
      assertThat(first.get("bn1.weight")).containsOnly(Float.floatToRawIntBits(1));
      assertThat(first.get("fc.bias")).containsOnly(0);
      double squares = 0;
      List<Integer> conv = first.get("layer2.0.conv2.weight");
      for (int bits : conv) {
        squares += Math.pow(Float.intBitsToFloat(bits), 2);
      }
      // 2304 draws of variance 2 / 144: their mean square within 5 standard deviations
      double variance = 2.0 / 144;
      assertThat(squares / conv.size() / variance).isBetween(1 - 0.15, 1 + 0.15);
      assertMaskedForm(watch.begun.get(1), first, 0.4);
      assertMaskedForm(watch.begun.get(2), first, 0.2);
    }
  }

  @Test
  void stages_rewoundToAGivenState_beginWithIt() {
    Rewind given;
    Map<String, List<Integer>> state;
    try (Model other = FixtureRuns.block()) {
      fit(
              other,
              recipe(Pruners.magnitude().length(Length.iterations(3))).build(),
              new RunListener() {})
          .close();
      state = Outcome.parameters(other);
      given = Rewind.to("tuned", other);
    }
    try (Model model = FixtureRuns.block()) {
      Watch watch = run(model, given);
      assertThat(watch.begun.get(0)).isEqualTo(state);
      assertThat(given.describe()).startsWith("tuned ");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void prompt_isCarriedOver_unlessItIsToRewindToo(boolean reset) {
    Rewind rewind = reset ? Rewind.pretrained().withPrompt() : Rewind.pretrained();
    Stage first = promptOnly(Rewind.none());
    Stage second = promptOnly(rewind);
    Recipe recipe =
        Recipe.of("prompts", Sparsity.DENSE, first, second)
            .prompt(Prompts.pad(4))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = fit(model, recipe, new RunListener() {})) {
      double one = pruned.report().stages().get(0).losses().get(0);
      double two = pruned.report().stages().get(1).losses().get(0);
      // The same images: the stored order, network and statistics are those of the start.
      assertThat(one == two).isEqualTo(reset);
    }
  }

  private static Stage promptOnly(Rewind rewind) {
    return Stage.builder("prompt")
        .train(Target.PROMPT, SmallRuns.SGD, SmallRuns.TUNING)
        .pass(Pass.prompted().order(DataOrder.sequential()))
        .rewind(rewind)
        .freezeStatistics()
        .length(Length.iterations(2))
        .build();
  }

  private void assertRefused(Rewind rewind, boolean script, String message) throws Exception {
    try (Model model = script ? FixtureRuns.script(folder) : FixtureRuns.block()) {
      Outcome.logits(model);
      Untouched before = Untouched.of(model);
      Throwable failure =
          catchThrowable(() -> fit(model, recipe(lottery(rewind)).build(), new RunListener() {}));
      assertThat(failure)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(message);
      Untouched.assertForm(failure);
      before.assertStill(model);
    }
  }

  @Test
  void rewind_toAStepBeyondTheFirstRound_isRefused() throws Exception {
    assertRefused(
        Rewind.early(5),
        false,
        "rewinding to a step that is never left: Rewind.early, stage 'round 1'; expected fewer"
            + " than its 5 steps, found 5; ");
  }

  @Test
  void rewind_toTheStateOfAnotherNetwork_isRefused() throws Exception {
    try (Model other = Model.newInstance("other");
        NDManager manager = NDManager.newBaseManager()) {
      Block linear = Linear.builder().setUnits(3).build();
      linear.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
      other.setBlock(linear);
      assertRefused(Rewind.to("other", other), false, "state of another network: Rewind.to other");
    }
  }

  @Test
  void rewind_ofTorchScript_toWhatCannotBeSet_isRefused() throws Exception {
    assertRefused(Rewind.initial(), true, "TorchScript module cannot be initialised: ");
    try (Model block = FixtureRuns.block()) {
      assertRefused(Rewind.to("a block", block), true, "state of another network: Rewind.to a blo");
    }
  }

  @Test
  void rewind_ofTheFirstStageToItsOwnSteps_isRefused() {
    Stage stage =
        Stage.builder("train")
            .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
            .pass(Pass.plain())
            .rewind(Rewind.early(1))
            .length(Length.iterations(3))
            .build();
    Recipe recipe = Recipe.of("own", Sparsity.DENSE, stage).batchSize(SmallRuns.BATCH).build();
    try (Model model = FixtureRuns.block()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> fit(model, recipe, new RunListener() {}))
          .withMessageStartingWith("nothing to rewind to: Rewind.early, stage 'train'; ");
    }
  }

  @Test
  void rewind_toStep0_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rewind.early(0))
        .withMessageStartingWith("rewinding to no step: Rewind.early; expected at least 1 step");
  }
}
