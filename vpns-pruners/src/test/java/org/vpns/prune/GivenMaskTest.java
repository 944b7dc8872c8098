package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Allocation;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.mapping.Mappings;
import org.vpns.predict.PrunedModel;
import org.vpns.score.Scorers;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.DataOrder;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Masks that were found before: on another task, or with a result that is tuned on. */
final class GivenMaskTest {
  private static final Sparsity SPARSITY = Sparsity.of("0.8");

  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private ImageSets images(int from, int to) {
    return ImageSets.of(SmallRuns.dataset(manager, from, to), TinyResNet.TARGET_CLASSES);
  }

  private static Stage tune(MaskRule mask) {
    return Stage.builder("tune")
        .mask(mask)
        .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
        .pass(Pass.plain().order(DataOrder.sequential()))
        .length(Length.iterations(3))
        .build();
  }

  private static MaskRule magnitude(Allocation allocation) {
    return MaskRule.once(Scorers.magnitude(), allocation, SPARSITY);
  }

  private static Recipe.Builder recipe(Sparsity sparsity, Stage... stages) {
    return Recipe.of("given", sparsity, stages)
        .mapping(Mappings.frequency())
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH);
  }

  private static MaskSet found(Allocation allocation) {
    try (Model model = FixtureRuns.block()) {
      return Pruners.magnitude().allocation(allocation).findMask(model, SPARSITY, 7);
    }
  }

  private static void assertRemovedAreZero(PrunedModel pruned, MaskSet masks) {
    assertThat(pruned.masks()).isEqualTo(masks);
    for (NamedParameter parameter : ParameterPaths.of(pruned.model().getBlock())) {
      Mask mask = masks.asMap().get(parameter.path());
      float[] values = parameter.parameter().getArray().toFloatArray();
      for (int i = 0; mask != null && i < values.length; i++) {
        assertThat(mask.isKept(i) || Float.floatToRawIntBits(values[i]) == 0).isTrue();
      }
    }
  }

  /** The mask of VPNs on one task, taken to other images and other classes. */
  @Test
  void mask_foundOnOneTask_isTunedOnAnother() {
    Recipe find =
        Recipe.of(Pruners.hydra().lengths(Length.iterations(3), Length.iterations(1)), SPARSITY)
            .mapping(Mappings.frequency())
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    MaskSet masks;
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = Trainer.of(find).fit(model, images(0, 48))) {
      masks = pruned.masks();
    }
    Recipe transfer = recipe(SPARSITY, tune(MaskRule.given(masks))).build();
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = Trainer.of(transfer).fit(model, images(64, 112))) {
      assertRemovedAreZero(pruned, masks);
      assertThat(pruned.report().warnings()).isEmpty();
    }
  }

  @Test
  void maskOfMagnitude_given_tunesAsMagnitudeDoes() {
    MaskSet masks = found(Allocations.global());
    List<Map<String, List<Integer>>> tuned =
        List.of(magnitude(Allocations.global()), MaskRule.given(masks)).stream()
            .map(rule -> recipe(SPARSITY, tune(rule)).build())
            .map(this::tuned)
            .toList();
    assertThat(tuned.get(1)).isEqualTo(tuned.get(0));
  }

  private Map<String, List<Integer>> tuned(Recipe recipe) {
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = Trainer.of(recipe).fit(model, images(0, 48))) {
      return Outcome.parameters(pruned.model());
    }
  }

  /** Two stages of tuning in one run, or a run, a folder, and another run on what was loaded. */
  @Test
  void loadedResult_tunedOn_equalsOneRunOfBoth() throws IOException {
    MaskRule rule = magnitude(Allocations.global());
    Map<String, List<Integer>> both =
        tuned(recipe(SPARSITY, tune(rule), tune(MaskRule.keep())).build());
    Path result = folder.resolve("result");
    try (Model model = FixtureRuns.block();
        PrunedModel pruned =
            Trainer.of(recipe(SPARSITY, tune(rule)).build()).fit(model, images(0, 48))) {
      pruned.save(result);
    }
    try (Model model = FixtureRuns.block();
        PrunedModel loaded = PrunedModel.load(result, model)) {
      Recipe on =
          Recipe.of("tuned on", SPARSITY, tune(MaskRule.given(loaded.masks())))
              .mapping(LabelMapping.given(loaded.mapping()))
              .input(loaded.input())
              .prunable(loaded.filter())
              .batchSize(SmallRuns.BATCH)
              .build();
      try (PrunedModel pruned = Trainer.of(on).fit(loaded.model(), images(0, 48))) {
        assertRemovedAreZero(pruned, loaded.masks());
        assertThat(Outcome.parameters(pruned.model())).isEqualTo(both);
        assertThat(pruned.mapping().toArray()).isEqualTo(loaded.mapping().toArray());
      }
    }
  }

  /** Rounded in each of 7 parameters, a few more are kept than 5272 - floor(4217.6) = 1055. */
  @Test
  void mask_roundedInEachParameter_fits() {
    MaskSet masks = found(Allocations.perLayer());
    assertThat(masks.kept()).isGreaterThan(1055);
    assertThat(recipe(SPARSITY, tune(MaskRule.given(masks))).build().sparsity())
        .isEqualTo(SPARSITY);
  }

  @Test
  void mask_ofAnotherSparsity_isRefused() {
    MaskRule given = MaskRule.given(found(Allocations.global()));
    long most = 0;
    for (Mask mask : found(Allocations.global()).asMap().values()) {
      most += Sparsity.of("0.7").keep(mask.size());
    }
    assertThatThrownBy(recipe(Sparsity.of("0.7"), tune(given))::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "given mask of another sparsity: Recipe given, stage 'tune'; expected 1582 to "
                + most
                + " of 5272 weights kept at sparsity 0.7, found 1055; give the recipe the mask's"
                + " sparsity, Sparsity.removing(4217, 5272).");
    assertThatThrownBy(recipe(Sparsity.of("0.9"), tune(given))::build)
        .hasMessageStartingWith("given mask of another sparsity: ");
    assertThat(recipe(Sparsity.removing(4217, 5272), tune(given)).build()).isNotNull();
    // what a later stage makes sparser is not the recipe's last mask
    MaskRule nested =
        MaskRule.nested(Scorers.magnitude(), Allocations.global(), Sparsity.of("0.9"));
    assertThat(recipe(Sparsity.of("0.9"), tune(given), tune(nested)).build()).isNotNull();
  }

  @Test
  void mask_ofAnotherNetwork_isRefused_modelUntouched() {
    MaskSet masks = found(Allocations.global());
    Layout layout = masks.layout();
    Map<String, Mask> fewer = new LinkedHashMap<>(masks.asMap());
    fewer.remove(layout.path(0));
    Recipe recipe =
        recipe(
                Sparsity.removing(
                    MaskSet.of(fewer).size() - MaskSet.of(fewer).kept(), MaskSet.of(fewer).size()),
                tune(MaskRule.given(MaskSet.of(fewer))))
            .build();
    try (Model model = FixtureRuns.block()) {
      Untouched before = Untouched.of(model);
      assertThatThrownBy(() -> Trainer.of(recipe).fit(model, images(0, 48)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("mask missing: " + layout.path(0) + "; ");
      before.assertStill(model);
    }
  }

  /** Other masks, other labels: another run. */
  @Test
  void options_tellMasksAndLabelsApart() {
    MaskSet masks = found(Allocations.global());
    MaskSet other = found(Allocations.perLayer());
    Recipe one = recipe(SPARSITY, tune(MaskRule.given(masks))).build();
    Recipe two = recipe(SPARSITY, tune(MaskRule.given(other))).build();
    assertThat(one.options()).isNotEqualTo(two.options());
    LabelAssignment labels = LabelAssignment.of(3, new int[][] {{0}, {2}});
    LabelAssignment swapped = LabelAssignment.of(3, new int[][] {{2}, {0}});
    assertThat(LabelMapping.given(labels).describe())
        .isNotEqualTo(LabelMapping.given(swapped).describe());
  }
}
