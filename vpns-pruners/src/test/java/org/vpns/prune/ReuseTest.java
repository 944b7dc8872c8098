package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Layout;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.StageRecord;
import org.vpns.score.Scorers;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.Selection;
import org.vpns.testing.Fixtures;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Models, recipes and results that are used more than once, or in another way than usual. */
final class ReuseTest {
  @TempDir Path folder;

  private static Recipe recipe() {
    return Recipe.of(
            Pruners.vpns()
                .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                .promptInFinding(SmallRuns.ADAM, SmallRuns.FINDING)
                .lengths(Length.iterations(4), Length.iterations(4)),
            Sparsity.of("0.8"))
        .prompt(Prompts.pad(4))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  private static PrunedModel fit(Model model, Recipe recipe, NDManager manager) {
    return Trainer.of(recipe).fit(model, SmallRuns.splits(manager));
  }

  /** A run that failed leaves nothing, not even a gradient that is no number. */
  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false"})
  void fit_afterFailure_equalsFitOfFreshModel(boolean script, boolean copy) throws Exception {
    if (copy) {
      System.setProperty("vpns.memory", "copy");
    }
    try (Model fresh = script ? FixtureRuns.script(folder) : FixtureRuns.block();
        Model used = script ? FixtureRuns.script(folder) : FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Outcome expected;
      try (PrunedModel pruned = fit(fresh, recipe(), manager)) {
        expected = Outcome.of(pruned);
      }
      float[] spoilt = new float[20 * 3 * SmallRuns.SIDE * SmallRuns.SIDE];
      Arrays.fill(spoilt, Float.NaN);
      ImageSets images =
          ImageSets.of(
              SmallRuns.dataset(
                  manager.create(spoilt, new Shape(20, 3, SmallRuns.SIDE, SmallRuns.SIDE)),
                  new long[20]),
              5);
      assertThatThrownBy(() -> Trainer.of(recipe()).fit(used, images))
          .hasMessageStartingWith("image is not finite: training images, image ");
      assertThatThrownBy(
              () -> Trainer.of(recipe()).listener(new Cut(9)).fit(used, SmallRuns.splits(manager)))
          .hasMessage(Cut.MESSAGE);
      try (PrunedModel pruned = fit(used, recipe(), manager)) {
        assertThat(Outcome.of(pruned)).isEqualTo(expected);
      }
    } finally {
      System.clearProperty("vpns.memory");
    }
  }

  /** DJL's default: parameters without gradients, for good. */
  @Test
  void fit_ofModuleLoadedWithoutGradients_tellsHowToLoadIt() throws Exception {
    Path file = Fixtures.copy("tinyresnet.pt", folder);
    try (Model model = Model.newInstance("tinyresnet");
        NDManager manager = NDManager.newBaseManager()) {
      model.load(file, null, Map.of());
      Untouched before = Untouched.of(model);
      assertThatThrownBy(() -> fit(model, recipe(), manager))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "TorchScript module cannot be trained: model 'tinyresnet', conv1.weight; expected a"
                  + " parameter with gradient, found one without; load it with"
                  + " model.load(file, null, Map.of(\"trainParam\", \"true\")).");
      before.assertStill(model);
    }
  }

  /** Scores and mask of a result belong together, also if an earlier epoch was the best. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void scores_ofResult_selectItsMask(boolean keepBest) {
    Sparsity sparsity = Sparsity.of("0.8");
    Stage.Builder find =
        Stage.builder("find")
            .mask(MaskRule.learned(Scorers.scaledInitialisation(), Allocations.global(), sparsity))
            .train(Target.SCORES, SmallRuns.ADAM, SmallRuns.FINDING)
            .pass(Pass.plain())
            .length(Length.epochs(4));
    Recipe recipe =
        Recipe.of("find", sparsity, keepBest ? find.keepBest().build() : find.build())
            .input(FixtureRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(recipe)
                .fit(
                    model,
                    FixtureRuns.splits(manager, SmallRuns.IMAGES)
                        .validation(FixtureRuns.dataset(manager, 64, 128)))) {
      Scores scores = pruned.scores();
      Layout layout = pruned.masks().layout();
      assertThat(
              Selection.largest(
                  scores,
                  ((GroupedAllocation) Allocations.global()).groups(layout, sparsity),
                  Selection.Order.MAGNITUDE))
          .isEqualTo(pruned.masks());
      StageRecord stage = pruned.report().stages().get(0);
      if (keepBest) {
        // else the test would show nothing
        assertThat(stage.bestEpoch()).isLessThan(3);
      }
    }
  }

  /** A folder that is written again holds the later result alone, whatever kind it is. */
  @Test
  void save_overResultOfAnotherKind_replacesIt() throws Exception {
    Path result = folder.resolve("result");
    try (Model script = FixtureRuns.script(folder);
        Model block = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel first = fit(script, recipe(), manager);
        PrunedModel second = fit(block, recipe(), manager)) {
      first.save(result);
      second.save(result);
      try (Model model = FixtureRuns.block();
          PrunedModel loaded = PrunedModel.load(result, model)) {
        assertThat(Outcome.of(loaded).parameters()).isEqualTo(Outcome.of(second).parameters());
      }
      first.save(result);
      try (Model model = Model.newInstance("fresh");
          PrunedModel loaded = PrunedModel.loadTrusted(result, model)) {
        assertThat(Outcome.of(loaded).logits()).isEqualTo(Outcome.of(first).logits());
      }
    }
  }
}
