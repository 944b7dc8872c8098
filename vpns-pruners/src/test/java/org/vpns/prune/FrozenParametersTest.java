package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.Mask;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.control.Controls;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Fixtures;
import org.vpns.testing.Outcome;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** What is frozen is never trained, and pruned only where that is asked for. */
final class FrozenParametersTest {
  private static final Sparsity SPARSITY = Sparsity.of("0.8");
  private static final ParameterFilter FROZEN_TOO = ParameterFilter.weights().frozenToo();

  @TempDir Path folder;

  private static Recipe.Builder recipe(Pruner pruner) {
    return Recipe.of(pruner, SPARSITY).input(SmallRuns.input()).batchSize(SmallRuns.BATCH);
  }

  private static Recipe.Builder magnitude() {
    return recipe(Pruners.magnitude().length(Length.iterations(4)));
  }

  private static PrunedModel fit(Model model, Recipe recipe) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe).fit(model, SmallRuns.splits(manager));
    }
  }

  private static void freeze(Model model, String path) {
    NamedParameter p = ParameterPaths.of(model.getBlock()).find(path);
    assertThat(p).isNotNull();
    p.parameter().freeze(true);
  }

  private static void assertKeptAsTheyWere(
      Mask mask, List<Integer> before, List<Integer> after, String path) {
    for (int i = 0; i < mask.size(); i++) {
      Integer expected = mask.isKept(i) ? before.get(i) : Integer.valueOf(0);
      assertThat(after.get(i)).as(path + " " + i).isEqualTo(expected);
    }
  }

  /** Whatever a method does to masks and weights: frozen ones are as they were, or removed. */
  @ParameterizedTest
  @EnumSource(Method.class)
  void run_ofAWhollyFrozenNetwork_movesNothingButMasks(Method method) {
    try (Model model = FixtureRuns.block()) {
      model.getBlock().freezeParameters(true);
      Map<String, List<Integer>> before = Outcome.parameters(model);
      Recipe recipe = method.recipe("0.8").prunable(FROZEN_TOO).build();
      try (PrunedModel pruned = fit(model, recipe)) {
        Map<String, List<Integer>> after = Outcome.parameters(model);
        for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
          Mask mask = pruned.masks().asMap().get(p.path());
          if (mask != null) {
            assertKeptAsTheyWere(mask, before.get(p.path()), after.get(p.path()), p.path());
          } else if (!p.isStatistic()) {
            assertThat(after.get(p.path())).as(p.path()).isEqualTo(before.get(p.path()));
          }
        }
        assertThat(pruned.report().warnings())
            .anyMatch(w -> w.startsWith("frozen parameters stay as they are: "));
      }
    }
  }

  @Test
  void run_ofAWhollyFrozenNetwork_isRefused_andBothRemediesWork() {
    try (Model model = FixtureRuns.block()) {
      model.getBlock().freezeParameters(true);
      assertThatThrownBy(() -> fit(model, magnitude().build()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("every prunable parameter is frozen: ParameterFilter.weights();")
          .hasMessageContaining("those that pass frozen: conv1.weight, layer1.0.conv1.weight")
          .hasMessageContaining("call freezeParameters(false)")
          .hasMessageContaining("ParameterFilter.frozenToo()")
          .satisfies(Untouched::assertForm);
      try (PrunedModel pruned = fit(model, magnitude().prunable(FROZEN_TOO).build())) {
        assertThat(pruned.masks().kept()).isEqualTo(SPARSITY.keep(5_272));
      }
      model.getBlock().freezeParameters(false);
      fit(model, magnitude().build()).close();
    }
  }

  /** New random weights for what learns, while frozen weights are those of before, under masks. */
  @Test
  void redrawnWeights_leaveWhatIsFrozen() {
    try (Model model = FixtureRuns.block()) {
      freeze(model, "fc.weight");
      Map<String, List<Integer>> before = Outcome.parameters(model);
      Recipe recipe = Controls.redrawnWeights(magnitude().prunable(FROZEN_TOO).build());
      try (PrunedModel pruned = fit(model, recipe)) {
        Map<String, List<Integer>> after = Outcome.parameters(model);
        assertKeptAsTheyWere(
            pruned.masks().get("fc.weight"),
            before.get("fc.weight"),
            after.get("fc.weight"),
            "fc.weight");
        assertThat(after.get("conv1.weight"))
            .filteredOn(bits -> bits != 0)
            .doesNotContainAnyElementsOf(before.get("conv1.weight"));
      }
    }
  }

  @Test
  void grownWeights_thatAreFrozen_areThoseOfBefore() {
    try (Model model = FixtureRuns.block()) {
      freeze(model, "layer2.0.conv2.weight");
      List<Integer> before = Outcome.parameters(model).get("layer2.0.conv2.weight");
      Pruner rigl = Pruners.rigl().every(1).initialiseGrown().length(Length.iterations(4));
      try (PrunedModel pruned = fit(model, recipe(rigl).prunable(FROZEN_TOO).build())) {
        assertKeptAsTheyWere(
            pruned.masks().get("layer2.0.conv2.weight"),
            before,
            Outcome.parameters(model).get("layer2.0.conv2.weight"),
            "layer2.0.conv2.weight");
      }
    }
  }

  /** SNIP loads a module anew, which brings all gradients back on. */
  @Test
  void run_ofAModule_leavesWhatIsFrozen() throws Exception {
    for (Pruner pruner : List.of(Pruners.snip(), Pruners.magnitude(), Pruners.rigl().every(1))) {
      try (Model model = FixtureRuns.script(folder)) {
        freeze(model, "conv1.weight");
        freeze(model, "fc.bias");
        Map<String, List<Integer>> before = Outcome.parameters(model);
        try (PrunedModel pruned = fit(model, recipe(pruner).epochs(2).build())) {
          Map<String, List<Integer>> after = Outcome.parameters(model);
          assertThat(pruned.masks().asMap()).hasSize(6).doesNotContainKey("conv1.weight");
          assertThat(after.get("conv1.weight")).isEqualTo(before.get("conv1.weight"));
          assertThat(after.get("fc.bias")).isEqualTo(before.get("fc.bias"));
          assertThat(after.get("layer1.0.bn1.bias")).isNotEqualTo(before.get("layer1.0.bn1.bias"));
        }
        assertThat(ParameterPaths.of(model.getBlock()).frozen())
            .extracting(NamedParameter::path)
            .containsExactlyInAnyOrder("conv1.weight", "fc.bias");
      }
    }
  }

  @Test
  void run_ofAModuleWhoseFrozenWeightsAreToBePruned_isRefused() throws Exception {
    try (Model model = FixtureRuns.script(folder)) {
      freeze(model, "conv1.weight");
      assertThatThrownBy(() -> fit(model, magnitude().prunable(FROZEN_TOO).build()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("frozen parameter of a TorchScript module cannot be pruned")
          .satisfies(Untouched::assertForm);
    }
  }

  /** The engine's default for a module; nobody froze anything. */
  @Test
  void run_ofAModuleLoadedWithoutGradients_asksForThem() throws Exception {
    try (Model model = Model.newInstance("tinyresnet")) {
      model.load(Fixtures.copy("tinyresnet.pt", folder));
      assertThatThrownBy(() -> fit(model, magnitude().build()))
          .hasMessageContaining("TorchScript module cannot be trained")
          .hasMessageContaining("trainParam");
      assertThat(Pruners.magnitude().findMask(model, SPARSITY, 7).kept())
          .isEqualTo(SPARSITY.keep(5_272));
    }
  }

  @Test
  void identity_tellsWhatIsFrozen() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Trainer trainer = Trainer.of(magnitude().build());
      assertThat(trainer.identity(model, SmallRuns.splits(manager))).doesNotContainKey("frozen");
      freeze(model, "fc.bias");
      String one = trainer.identity(model, SmallRuns.splits(manager)).get("frozen");
      freeze(model, "bn1.bias");
      String two = trainer.identity(model, SmallRuns.splits(manager)).get("frozen");
      assertThat(one).startsWith("1 parameter, ");
      assertThat(two).startsWith("2 parameters, ");
    }
  }
}
