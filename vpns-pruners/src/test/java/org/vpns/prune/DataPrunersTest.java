package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.NetworkMode;
import org.vpns.ParameterPaths;
import org.vpns.ScoringSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.score.Scorers;
import org.vpns.testing.TinyResNet;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** SNIP, GraSP and SynFlow as methods: with recipes, in one call, on bad inputs. */
final class DataPrunersTest {
  @TempDir Path folder;

  private static Stream<OneShotPruner> pruners() {
    return Stream.of(
        Pruners.snip(),
        Pruners.snip(Scorers.snip().mode(NetworkMode.EVAL).images(ScoringSet.batches(2))),
        Pruners.snip().rounds(3),
        Pruners.grasp(),
        Pruners.grasp(Scorers.grasp().mode(NetworkMode.EVAL)),
        Pruners.grasp(Scorers.grasp().frozenGates(1e-2)),
        Pruners.grasp(Scorers.grasp().plainDifference(1e-2)),
        Pruners.grasp(Scorers.grasp().released()).rounds(2),
        Pruners.synFlow().rounds(3),
        Pruners.synFlow(Scorers.synFlow().released()).rounds(1));
  }

  private static Recipe recipe(Pruner pruner) {
    return builder(pruner).build();
  }

  private static Recipe.Builder builder(Pruner pruner) {
    return Recipe.of(pruner, Sparsity.of("0.9"))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH);
  }

  private static MaskSet find(Model model, Recipe recipe) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe).findMask(model, SmallRuns.splits(manager));
    }
  }

  /** Weights, statistics, gradient flags and logits, to the bit. */
  @ParameterizedTest
  @MethodSource("pruners")
  void findMask_keepsExactlyAsManyAsAsked_andLeavesTheModelAsItWas(OneShotPruner pruner) {
    try (Model model = FixtureRuns.block()) {
      model.getBlock().getParameters().get("01conv1_weight").getArray().setRequiresGradient(false);
      int arrays = model.getNDManager().getManagedArrays().size();
      Untouched before = Untouched.of(model);
      MaskSet masks = find(model, recipe(pruner));
      assertThat(masks.kept()).isEqualTo(528);
      before.assertStill(model);
      assertThat(model.getNDManager().getManagedArrays()).hasSize(arrays);
      assertThat(find(model, recipe(pruner))).isEqualTo(masks);
    }
  }

  @Test
  void findMask_onATorchScriptModule_leavesItAsItWas() throws Exception {
    try (Model model = FixtureRuns.script(folder)) {
      find(model, recipe(Pruners.magnitude())); // brings it into evaluation mode once
      Untouched before = Untouched.of(model);
      MaskSet snip = find(model, recipe(Pruners.snip()));
      before.assertStill(model);
      MaskSet grasp = find(model, recipe(Pruners.grasp()));
      before.assertStill(model);
      assertThat(find(model, recipe(Pruners.snip()))).isEqualTo(snip).isNotEqualTo(grasp);
      try (Model block = FixtureRuns.block()) {
        // the engine's two ways through one network round differently
        assertThat(find(block, recipe(Pruners.snip())).xor(snip).kept()).isLessThanOrEqualTo(4);
      }
    }
  }

  private static Batch batch(NDManager manager) {
    return new Batch(
        manager,
        new NDList(manager.create(TinyResNet.plainInput(2), new Shape(16, 3, 32, 32))),
        new NDList(manager.create(TinyResNet.labels(2))),
        16,
        null,
        null,
        0,
        1);
  }

  /** A batch of inputs is scored as the same images are in a recipe of all 20 classes. */
  @Test
  void findMask_ofABatch_isThatOfItsImages() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      OneShotPruner snip =
          Pruners.snip(
              Scorers.snip().mode(NetworkMode.EVAL).images(ScoringSet.batches(1).inStoredOrder()));
      Untouched before = Untouched.of(model);
      MaskSet masks = snip.findMask(model, batch(manager), Sparsity.of("0.9"));
      before.assertStill(model);
      ImageSets splits = ImageSets.of(FixtureRuns.dataset(manager, 32, 48), 20);
      Recipe whole = recipe(snip).toBuilder().input(FixtureRuns.input()).build();
      MaskSet same = Trainer.of(whole).findMask(model, splits);
      assertThat(masks).isEqualTo(same);
      assertThat(Pruners.grasp().findMask(model, batch(manager), Sparsity.of("0.9")).kept())
          .isEqualTo(528);
    }
  }

  /** A mapping that waits for the first mask is made for the scores too, on the dense network. */
  @Test
  void labelMapping_thatWaitsForTheMask_isMadeTwice_butOnceWithoutData() {
    assertThat(assignments(Pruners.magnitude().length(Length.iterations(1)))).hasSize(1);
    List<LabelAssignment> twice = assignments(Pruners.snip().length(Length.iterations(1)));
    assertThat(twice).hasSize(2);
    List<LabelAssignment> dense =
        assignments(Pruners.magnitude().length(Length.iterations(1)), Sparsity.DENSE);
    assertThat(twice.get(0)).isEqualTo(dense.get(0));
  }

  private static List<LabelAssignment> assignments(Pruner pruner) {
    return assignments(pruner, Sparsity.of("0.95"));
  }

  private static List<LabelAssignment> assignments(Pruner pruner, Sparsity sparsity) {
    WatchedMapping watched = new WatchedMapping();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe =
          Recipe.of(pruner, sparsity)
              .input(SmallRuns.input())
              .batchSize(SmallRuns.BATCH)
              .mapping(watched)
              .build();
      Trainer.of(recipe).fit(model, SmallRuns.splits(manager)).close();
    }
    return watched.made();
  }

  /** The grey square of a sigmoid prompt at its start changes what SNIP sees. */
  @Test
  void prompt_isSeenByScorers_whereItIsMounted_unlessTheyLookAtPlainImages() {
    try (Model model = FixtureRuns.block()) {
      MaskSet plain = find(model, recipe(Pruners.snip()));
      Recipe seen = builder(Pruners.snip()).prompt(Prompts.fix(13).sigmoid()).build();
      assertThat(find(model, seen)).isNotEqualTo(plain);
      OneShotPruner apart =
          Pruners.snip(Scorers.snip().images(ScoringSet.perClass(10).withoutPrompt()));
      Recipe unseen = builder(apart).prompt(Prompts.fix(13).sigmoid()).build();
      assertThat(find(model, unseen)).isEqualTo(plain);
      Recipe inTuning =
          builder(Pruners.snip())
              .prompt(Prompts.fix(13).sigmoid())
              .mount(Mount.in(Mount.Place.TUNING))
              .build();
      assertThat(find(model, inTuning)).isEqualTo(plain);
      Recipe inScoring =
          builder(Pruners.snip())
              .prompt(Prompts.fix(13).sigmoid())
              .mount(Mount.in(Mount.Place.SCORING))
              .build();
      assertThat(find(model, inScoring)).isEqualTo(find(model, seen));
    }
  }

  @Test
  void run_whoseMaskCutsAllWays_saysSoInItsReport() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe =
          Recipe.of(Pruners.synFlow().rounds(1).length(Length.iterations(1)), Sparsity.of("0.9995"))
              .input(SmallRuns.input())
              .batchSize(SmallRuns.BATCH)
              .build();
      try (PrunedModel pruned = Trainer.of(recipe).fit(model, SmallRuns.splits(manager))) {
        assertThat(pruned.masks().kept()).isEqualTo(3);
        assertThat(pruned.report().warnings())
            .anyMatch(
                w ->
                    w.startsWith(
                        "stage 'tune' at sparsity 0.9994 (3 of 5272 weights kept): the network has"
                            + " collapsed: no way from input to output"))
            .anyMatch(
                w ->
                    w.startsWith("stage 'tune' at sparsity 0.9994 (3 of 5272 weights kept): ")
                        && w.contains(
                            " no weight left: layer1.0.conv1.weight (round 1 of 1, 0.9994), "));
      }
    }
  }

  @Test
  void run_withFewerImagesThanAsked_warns() {
    OneShotPruner pruner =
        Pruners.snip(Scorers.snip().images(ScoringSet.perClass(100))).length(Length.iterations(1));
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = Trainer.of(recipe(pruner)).fit(model, SmallRuns.splits(manager))) {
      assertThat(pruned.report().warnings())
          .anyMatch(
              w -> w.startsWith("fewer than 100 images to score with in 5 of 5 classes: 0 has "));
    }
  }

  @Test
  void weights_thatAreAllZero_giveNoSignal() {
    try (Model model = FixtureRuns.block()) {
      for (var p : ParameterPaths.of(model.getBlock())) {
        if (p.shape().dimension() > 1) {
          p.parameter().getArray().set(new float[(int) p.shape().size()]);
        }
      }
      Untouched before = Untouched.of(model);
      for (Pruner pruner : List.of(Pruners.snip(), Pruners.grasp(), Pruners.synFlow())) {
        assertThatThrownBy(() -> find(model, recipe(pruner)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("no gradient signal: " + pruner.name())
            .satisfies(Untouched::assertForm);
        before.assertStill(model);
      }
    }
  }

  @Test
  void weight_thatIsNotANumber_isNamed() {
    for (Pruner pruner : List.of(Pruners.snip(), Pruners.grasp(), Pruners.synFlow())) {
      try (Model model = FixtureRuns.block()) {
        float[] head =
            model.getBlock().getParameters().get("05fc_weight").getArray().toFloatArray();
        head[3] = Float.NaN;
        model.getBlock().getParameters().get("05fc_weight").getArray().set(head);
        Untouched before = Untouched.of(model);
        assertThatThrownBy(() -> find(model, recipe(pruner)))
            .isInstanceOf(RuntimeException.class)
            .satisfies(Untouched::assertForm)
            .message()
            .startsWith("value is not finite: model 'tinyresnet', fc.weight[3]; ");
        before.assertStill(model);
      }
    }
  }

  @Test
  void torchScript_whereTheGraphOrEvaluationModeIsNeeded_isRefusedWithAdvice() throws Exception {
    try (Model model = FixtureRuns.script(folder)) {
      find(model, recipe(Pruners.magnitude()));
      Untouched before = Untouched.of(model);
      for (Pruner pruner :
          List.of(Pruners.synFlow(), Pruners.grasp(Scorers.grasp().frozenGates(1e-2)))) {
        assertThatThrownBy(() -> find(model, recipe(pruner)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("network without a graph: TorchScript module")
            .satisfies(Untouched::assertForm);
        before.assertStill(model);
      }
      Pruner evaluation = Pruners.snip(Scorers.snip().mode(NetworkMode.EVAL));
      assertThatThrownBy(() -> find(model, recipe(evaluation)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("score with NetworkMode.TRAIN")
          .satisfies(Untouched::assertForm);
      before.assertStill(model);
    }
  }

  @Test
  void images_orTheirSize_thatAreMissing_areAskedFor() {
    try (Model model = FixtureRuns.block()) {
      OneShotPruner snip = new OneShotPruner("SNIP", Scorers.snip());
      assertThatThrownBy(() -> snip.findMask(model, Sparsity.of("0.9"), 7))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("no images to score with")
          .satisfies(Untouched::assertForm);
      assertThatThrownBy(
              () -> Pruners.snip().findMask(model, new Shape(3, 32, 32), Sparsity.of("0.9")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("no images to score with");
      OneShotPruner synFlow = new OneShotPruner("SynFlow", Scorers.synFlow());
      assertThatThrownBy(() -> synFlow.findMask(model, Sparsity.of("0.9"), 7))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("size of the images unknown")
          .satisfies(Untouched::assertForm);
    }
  }

  private static Stream<Arguments> badOptions() {
    return Stream.of(
        Arguments.of((Runnable) () -> Pruners.snip().rounds(0), "number of rounds out of range"),
        Arguments.of((Runnable) () -> ScoringSet.batches(0), "nothing to score with"),
        Arguments.of((Runnable) () -> ScoringSet.perClass(-1), "nothing to score with"),
        Arguments.of((Runnable) () -> ScoringSet.batches(1).inClassHalves(), "halves of classes"),
        Arguments.of((Runnable) () -> Scorers.grasp().temperature(0), "temperature out of range"),
        Arguments.of(
            (Runnable) () -> Scorers.grasp().temperature(Double.NaN), "temperature out of range"),
        Arguments.of((Runnable) () -> Scorers.grasp().frozenGates(0), "displacement out of range"),
        Arguments.of(
            (Runnable) () -> Scorers.grasp().plainDifference(Double.POSITIVE_INFINITY),
            "displacement out of range"));
  }

  @ParameterizedTest
  @MethodSource("badOptions")
  void options_outOfRange_areRefused(Runnable call, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOf(RuntimeException.class)
        .hasMessageStartingWith(message)
        .satisfies(Untouched::assertForm);
  }

  @Test
  void descriptions_tellTheOptions() {
    assertThat(recipe(Pruners.snip()).options().get("stage 1 tune"))
        .startsWith("mask SNIP, 10 images per class, training mode, global, 0.9");
    assertThat(
            recipe(Pruners.grasp(Scorers.grasp().released()).rounds(4))
                .options()
                .get("stage 1 tune"))
        .startsWith(
            "mask GraSP, 10 images per class, in two halves of the classes, training mode,"
                + " temperature 200.0, exact curvature, 4 rounds, global, 0.9");
    assertThat(recipe(Pruners.synFlow()).options().get("stage 1 tune"))
        .startsWith("mask SynFlow, 100 rounds, global, 0.9");
    assertThat(
            recipe(Pruners.synFlow().allocation(Allocations.perLayer()))
                .options()
                .get("stage 1 tune"))
        .contains("per-layer");
  }
}
