package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.internal.network.MaskInspector;
import org.vpns.predict.PrunedModel;
import org.vpns.schedule.Schedules;
import org.vpns.testing.Outcome;
import org.vpns.testing.Providers;
import org.vpns.train.Collapse;
import org.vpns.train.FixedMask;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Masks that leave no way through the network: told at once, or the end of the run. */
final class CollapseTest {
  private static final Sparsity SPARSE = Sparsity.of("0.9995");
  private static final String KEPT = "sparsity 0.9994 (3 of 5272 weights kept)";
  private static final List<String> EMPTY =
      List.of(
          "layer1.0.conv1.weight",
          "layer1.0.conv2.weight",
          "layer2.0.conv1.weight",
          "layer2.0.conv2.weight",
          "layer2.0.downsample.0.weight",
          "fc.weight");

  @TempDir Path folder;

  /** Which stages a run began, how many steps it made, what it was warned of after how many. */
  private static final class Diary implements RunListener {
    final List<String> stages = new ArrayList<>();
    final Map<String, Long> warnings = new LinkedHashMap<>();
    long steps;

    @Override
    public void stageStarted(StageStart start) {
      stages.add(start.name());
    }

    @Override
    public void stepFinished(Step step) {
      steps++;
    }

    @Override
    public void warned(String message) {
      assertThat(warnings.put(message, steps)).as("told twice: " + message).isNull();
    }
  }

  private static Recipe.Builder recipe(Pruner pruner, Sparsity sparsity) {
    return Recipe.of(pruner, sparsity).input(SmallRuns.input()).batchSize(SmallRuns.BATCH);
  }

  private static Diary run(Recipe recipe) {
    Diary diary = new Diary();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(recipe).listener(diary).fit(model, SmallRuns.splits(manager))) {
      assertThat(pruned.report().warnings()).containsExactlyElementsOf(diary.warnings.keySet());
    }
    return diary;
  }

  private static Diary fail(Recipe recipe, String message) {
    Diary diary = new Diary();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Untouched before = Untouched.of(model);
      Throwable failure =
          catchThrowable(
              () -> Trainer.of(recipe).listener(diary).fit(model, SmallRuns.splits(manager)));
      assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessageContaining(message);
      assertThat(failure).hasMessageStartingWith("network has collapsed: ");
      Untouched.assertForm(failure);
      before.assertStill(model);
    }
    return diary;
  }

  /** Keeps three weights of one layer. */
  private static MaskRule cut() {
    return new FixedMask() {
      @Override
      public MaskSet begin(ScoringContext context, MaskSet current) {
        Map<String, Mask> masks = new LinkedHashMap<>();
        Layout layout = context.layout();
        for (int i = 0; i < layout.tensors(); i++) {
          int most = i == 0 ? 3 : 0;
          masks.put(layout.path(i), Mask.of(layout.shape(i), j -> j < most));
        }
        return MaskSet.of(masks);
      }

      @Override
      public String describe() {
        return "cut";
      }
    };
  }

  private static Stage tune(String name, MaskRule mask, long iterations) {
    return Stage.builder(name)
        .mask(mask)
        .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
        .pass(Pass.plain())
        .length(Length.iterations(iterations))
        .build();
  }

  @Test
  void mask_ofOneShot_thatCutsAllWays_isToldOnce_beforeTheFirstStep() {
    Diary diary =
        run(recipe(Pruners.synFlow().rounds(1).length(Length.iterations(2)), SPARSE).build());
    assertThat(diary.steps).isEqualTo(2);
    String empty = String.join(" (round 1 of 1, 0.9994), ", EMPTY) + " (round 1 of 1, 0.9994)";
    assertThat(diary.warnings)
        .containsExactly(
            Map.entry("stage 'tune' at " + KEPT + ": 6 layers have no weight left: " + empty, 0L),
            Map.entry(
                "stage 'tune' at "
                    + KEPT
                    + ": the network has collapsed: no way from input to output is left, so it"
                    + " answers the same for every image; without weights: "
                    + String.join(", ", EMPTY),
                0L));
  }

  /** Rounds after the one that cuts the last way see scores of zero, and go on to the end. */
  @ParameterizedTest
  @MethodSource("scored")
  void mask_ofAnyScorer_thatCutsAllWays_isToldAndTheRunGoesOn(OneShotPruner pruner) {
    Diary diary = run(recipe(pruner.length(Length.iterations(2)), SPARSE).build());
    assertThat(diary.steps).isEqualTo(2);
    assertThat(diary.warnings.keySet().stream().filter(w -> w.contains("has collapsed")))
        .singleElement()
        .asString()
        .startsWith("stage 'tune' at " + KEPT);
  }

  static List<OneShotPruner> scored() {
    return List.of(
        Pruners.synFlow(),
        Pruners.synFlow().rounds(3),
        Pruners.snip(),
        Pruners.snip().rounds(3),
        Pruners.snip().rounds(30),
        Pruners.grasp());
  }

  @Test
  void run_thatFailsOnCollapse_stopsBeforeTheFirstStep() {
    Diary diary =
        fail(
            recipe(Pruners.synFlow().rounds(1).length(Length.iterations(2)), SPARSE)
                .onCollapse(Collapse.FAIL)
                .build(),
            "stage 'tune' of recipe SynFlow 0.9995, mask of "
                + KEPT
                + "; expected a way from input to output, found none, with no weight left in "
                + String.join(", ", EMPTY));
    assertThat(diary.steps).isZero();
    assertThat(diary.stages).isEmpty();
  }

  /** A floor does not help where every layer has weights that do not meet. */
  @Test
  void run_thatFailsOnCollapse_saysWhatHelps() {
    Sparsity sparsity = Sparsity.of("0.99");
    fail(
        failing(Pruners.random(), sparsity),
        "found none, though every layer keeps weights; keep more weights, or choose them by"
            + " Pruners.synFlow(), whose scores follow the ways; the model is");
    assertThat(run(failing(Pruners.synFlow(), sparsity)).steps).isOne();
    fail(
        failing(Pruners.snip(), sparsity),
        "; keep more weights, or several of each layer by Allocations.globalWithFloor, as one"
            + " alone may not meet the next; the model is");
    OneShotPruner floored = Pruners.snip().allocation(Allocations.globalWithFloor(3));
    assertThat(run(failing(floored, sparsity)).steps).isOne();
  }

  private static Recipe failing(OneShotPruner pruner, Sparsity sparsity) {
    return recipe(pruner.length(Length.iterations(1)), sparsity).onCollapse(Collapse.FAIL).build();
  }

  /** The way is narrow, but it is one. */
  @Test
  void run_thatFailsOnCollapse_goesOnWithAFloor() {
    Diary diary =
        run(
            recipe(
                    Pruners.hydra()
                        .allocation(Allocations.globalWithFloor(20))
                        .lengths(Length.iterations(1), Length.iterations(1)),
                    Sparsity.of("0.97"))
                .onCollapse(Collapse.FAIL)
                .build());
    assertThat(diary.steps).isEqualTo(2);
    assertThat(diary.warnings.keySet()).noneMatch(w -> w.contains("no weight left"));
  }

  @Test
  void learnedMask_thatCutsAllWays_isSeenWhenFindingEnds_beforeTuning() {
    Pruner pruner = Pruners.hydra().lengths(Length.iterations(2), Length.iterations(2));
    Diary told = run(recipe(pruner, SPARSE).build());
    assertThat(told.warnings)
        .anySatisfy(
            (text, steps) -> {
              assertThat(text)
                  .startsWith("stage 'find mask' at " + KEPT + ": the network has collapsed");
              assertThat(steps).isEqualTo(2);
            });
    Diary failed =
        fail(recipe(pruner, SPARSE).onCollapse(Collapse.FAIL).build(), "stage 'find mask'");
    assertThat(failed.steps).isEqualTo(2);
    assertThat(failed.stages).containsExactly("find mask");
  }

  @Test
  void movingMask_thatCutsAllWays_isSeenAtItsLastMovement_notBefore() {
    Pruner pruner =
        Pruners.gradual().schedule(Schedules.cubic(SPARSE, 2, 2)).length(Length.iterations(12));
    Diary failed =
        fail(recipe(pruner, SPARSE).onCollapse(Collapse.FAIL).build(), "stage 'tune', step 4,");
    assertThat(failed.steps).isEqualTo(4);
    Diary told = run(recipe(pruner, SPARSE).build());
    assertThat(told.steps).isEqualTo(12);
    assertThat(told.warnings)
        .anySatisfy(
            (text, steps) -> {
              assertThat(text)
                  .startsWith("stage 'tune', step 4, at " + KEPT + ": the network has collapsed: ");
              assertThat(steps).isEqualTo(4);
            })
        .anySatisfy(
            (text, steps) -> {
              assertThat(text)
                  .startsWith("stage 'tune', step 4, at " + KEPT)
                  .contains("no weight left: ");
              assertThat(steps).isEqualTo(4);
            });
  }

  @Test
  void layer_thatARoundEmpties_isToldWithTheRound() {
    MaskRule blocking =
        new FixedMask() {
          @Override
          public MaskSet begin(ScoringContext context, MaskSet current) {
            Map<String, Mask> masks = new LinkedHashMap<>(current.asMap());
            masks.put("layer1.0.conv1.weight", Mask.zeros(new Shape(8, 8, 3, 3)));
            return MaskSet.of(masks);
          }

          @Override
          public String describe() {
            return "blocking";
          }
        };
    Diary diary =
        run(
            Recipe.of(
                    "rounds",
                    Sparsity.of("0.1"),
                    tune("round 1", MaskRule.keep(), 1),
                    tune("round 2", blocking, 1),
                    tune("tune", MaskRule.keep(), 1))
                .input(SmallRuns.input())
                .build());
    assertThat(diary.warnings)
        .containsEntry(
            "stage 'round 2' at sparsity 0.1093 (4696 of 5272 weights kept): 1 layer has no weight"
                + " left: layer1.0.conv1.weight",
            1L)
        .containsEntry(
            "stage 'round 2' at sparsity 0.1093 (4696 of 5272 weights kept): blocked branch:"
                + " everything flows past layer1.0.conv1.weight, which has no weight left",
            1L);
    assertThat(diary.warnings.keySet())
        .allMatch(w -> w.startsWith("stage 'round 2' at sparsity 0.1093 "));
  }

  /** Fourteen rounds would say it fourteen times. */
  @Test
  void weightsThatCarryNothing_areToldOfTheLastMaskAlone() {
    Diary diary =
        run(
            recipe(
                    Pruners.lottery().lengths(Length.iterations(1), Length.iterations(1)),
                    Sparsity.of("0.95"))
                .build());
    assertThat(diary.stages).hasSize(15);
    assertThat(diary.warnings.keySet().stream().filter(w -> w.contains("carry nothing")))
        .singleElement()
        .asString()
        .matches(
            "stage 'tune' at sparsity 0\\.9499 \\(264 of 5272 weights kept\\): [1-9][0-9]* of 264"
                + " kept weights carry nothing: no way from input to output leads through them");
  }

  /** The report of a run that was cut after its collapse says the same, once. */
  @Test
  void warnings_ofAResumedRun_areThoseOfAnUninterruptedOne() {
    for (Pruner pruner :
        List.of(
            Pruners.synFlow().rounds(1).length(Length.iterations(4)),
            Pruners.hydra().lengths(Length.iterations(2), Length.iterations(2)),
            Pruners.gradual()
                .schedule(Schedules.cubic(SPARSE, 2, 1))
                .length(Length.iterations(4)))) {
      Recipe recipe = recipe(pruner, SPARSE).build();
      Outcome whole;
      try (Model model = FixtureRuns.block();
          NDManager manager = NDManager.newBaseManager();
          PrunedModel pruned = Trainer.of(recipe).fit(model, SmallRuns.splits(manager))) {
        assertThat(pruned.report().warnings()).anyMatch(w -> w.contains("has collapsed"));
        whole = Outcome.of(pruned);
      }
      for (int at = 1; at <= 4; at++) {
        Trainer trainer =
            Trainer.of(recipe).checkpoints(folder.resolve(pruner.name() + at)).checkpointEvery(1);
        try (Model model = FixtureRuns.block();
            NDManager manager = NDManager.newBaseManager()) {
          Trainer cut = trainer.listener(new Cut(at));
          assertThat(catchThrowable(() -> cut.fit(model, SmallRuns.splits(manager))))
              .hasMessage(Cut.MESSAGE);
          try (PrunedModel pruned = trainer.resume().fit(model, SmallRuns.splits(manager))) {
            assertThat(Outcome.of(pruned)).as(pruner.name() + " cut at " + at).isEqualTo(whole);
          }
        }
      }
    }
  }

  @Test
  void run_thatFailsOnCollapse_ofANetworkNobodyUnderstands_isRefusedAtTheStart() throws Exception {
    Recipe recipe =
        Recipe.of("cut", SPARSE, tune("tune", cut(), 1))
            .input(SmallRuns.input())
            .onCollapse(Collapse.FAIL)
            .build();
    try (Model script = FixtureRuns.script(folder);
        Model block = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Outcome.logits(script);
      for (Model model : List.of(script, block)) {
        Untouched before = Untouched.of(model);
        Throwable failure =
            Providers.<MaskInspector, Throwable>with(
                () ->
                    catchThrowable(() -> Trainer.of(recipe).fit(model, SmallRuns.splits(manager))),
                MaskInspector.class,
                Blind.class);
        assertThat(failure)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("collapse cannot be noticed: model '");
        Untouched.assertForm(failure);
        before.assertStill(model);
      }
    }
  }

  /** Understands no network. */
  public static final class Blind implements MaskInspector {
    @Override
    public Optional<Findings> inspect(Block block, Shape input, MaskSet masks) {
      return Optional.empty();
    }
  }

  /** Counts how often it is asked. */
  public static final class Counting implements MaskInspector {
    static int asked;

    @Override
    public Optional<Findings> inspect(Block block, Shape input, MaskSet masks) {
      asked++;
      return Optional.empty();
    }
  }

  @Test
  void inspectors_areAskedOnceForEachStageThatFixesAMask() throws Exception {
    Recipe recipe =
        Recipe.of(
                Pruners.hydra().lengths(Length.iterations(3), Length.iterations(3)),
                Sparsity.of("0.5"))
            .input(SmallRuns.input())
            .build();
    Counting.asked = 0;
    Providers.<MaskInspector, Diary>with(() -> run(recipe), MaskInspector.class, Counting.class);
    assertThat(Counting.asked).isEqualTo(1);
    Recipe tickets =
        recipe(
                Pruners.lottery().lengths(Length.iterations(1), Length.iterations(1)),
                Sparsity.of("0.488"))
            .build();
    Counting.asked = 0;
    Providers.<MaskInspector, Diary>with(() -> run(tickets), MaskInspector.class, Counting.class);
    // rounds 2 and 3 and tuning begin with a mask of their own
    assertThat(Counting.asked).isEqualTo(3);
  }

  @Test
  void policy_isAnOptionOfTheRecipe() {
    Recipe.Builder builder = recipe(Pruners.magnitude(), SPARSE);
    assertThat(builder.build().options()).containsEntry("on collapse", "WARN");
    builder.onCollapse(Collapse.FAIL);
    assertThat(builder.build().options()).containsEntry("on collapse", "FAIL");
    assertThat(catchThrowable(() -> builder.onCollapse(Collapse.WARN)))
        .hasMessageStartingWith("option set twice: Recipe.onCollapse");
  }
}
