package org.vpns.testing.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Recipe;
import org.vpns.train.Regulariser;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/**
 * What every {@link Regulariser} promises: determinism, nothing moved but what the stage trains, no
 * array left open, resumable to the same bits. The runs are of two epochs of {@link TinyResNet} on
 * the images of {@link TinyRuns}.
 */
public abstract class RegulariserContract {
  private static final int EPOCHS = 2;
  private static final int STEPS_PER_EPOCH = 3;

  /** A new regulariser, strong enough to be seen in two epochs; equal ones every time. */
  protected abstract Regulariser regulariser();

  private static Stage.Builder stage() {
    return Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(EPOCHS));
  }

  private static Recipe recipe(Stage.Builder stage) {
    return recipe(stage, Sparsity.of("0"));
  }

  private static Recipe recipe(Stage.Builder stage, Sparsity sparsity) {
    return Recipe.of("regularised", sparsity, stage.build())
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private Recipe recipe() {
    return recipe(stage().regularise(regulariser()));
  }

  /** In the second epoch, so that the first one's end counts. */
  @Test
  void run_cutAndResumed_equalsTheRunThatWentThrough_andIsNoneWithoutIt(@TempDir Path folder) {
    Outcome whole = ShortRun.outcome(Trainer.of(recipe()));
    assertThat(ShortRun.resumed(this::recipe, folder, STEPS_PER_EPOCH + 1)).isEqualTo(whole);
    assertThat(ShortRun.outcome(Trainer.of(recipe(stage()))).parameters())
        .isNotEqualTo(whole.parameters());
  }

  @Test
  void run_onAPartlyFrozenNetwork_leavesFrozenParametersAsTheyAre() {
    List<String> frozen = List.of("conv1.weight", "bn1.weight", "layer2.0.conv2.weight");
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths.of(model.getBlock()).list().stream()
          .filter(p -> frozen.contains(p.path()))
          .forEach(p -> p.parameter().freeze(true));
      Map<String, List<Integer>> before = Outcome.parameters(model);
      ShortRun.fit(model, Trainer.of(recipe())).close();
      Map<String, List<Integer>> after = Outcome.parameters(model);
      frozen.forEach(path -> assertThat(after.get(path)).as(path).isEqualTo(before.get(path)));
      assertThat(after).isNotEqualTo(before);
    }
  }

  @Test
  void run_thatTrainsBiasesAndNormsAlone_leavesWeightsAsTheyAre() {
    try (Model model = TinyResNet.newModel()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      Stage.Builder others =
          stage()
              .rest(Target.WEIGHTS)
              .train(Target.OTHERS, Stage.Motion.OF_WEIGHTS)
              .regularise(regulariser());
      ShortRun.fit(model, Trainer.of(recipe(others))).close();
      Map<String, List<Integer>> after = Outcome.parameters(model);
      Layout weights = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      weights.paths().forEach(p -> assertThat(after.get(p)).as(p).isEqualTo(before.get(p)));
      assertThat(after).isNotEqualTo(before);
    }
  }

  @Test
  void run_underAMask_leavesRemovedWeightsZero_andNoArrayOpen() {
    try (Model model = TinyResNet.newModel()) {
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      MaskSet half = MaskSet.of(layout, i -> Mask.of(layout.shape(i), entry -> entry % 2 == 0));
      Recipe recipe =
          recipe(stage().mask(MaskRule.given(half)).regularise(regulariser()), Sparsity.of("0.5"));
      int before = model.getNDManager().getManagedArrays().size();
      List<Integer> open = new ArrayList<>();
      RunListener counting =
          new RunListener() {
            @Override
            public void stepFinished(Step step) {
              open.add(model.getNDManager().getManagedArrays().size());
            }
          };
      ShortRun.fit(model, Trainer.of(recipe).listener(counting)).close();
      assertThat(open).hasSize(EPOCHS * STEPS_PER_EPOCH).containsOnly(open.get(0));
      assertThat(model.getNDManager().getManagedArrays()).hasSize(before);
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        float[] values = p.parameter().getArray().toFloatArray();
        for (int i = 1; i < values.length && layout.contains(p.path()); i += 2) {
          assertThat(Float.floatToRawIntBits(values[i])).isZero();
        }
      }
    }
  }

  @Test
  void regulariser_isAValue() {
    assertThat(regulariser().describe()).isNotBlank().isEqualTo(regulariser().describe());
    assertThat(stage().regularise(regulariser()).build().describe())
        .contains("; regularised by " + regulariser().describe());
  }
}
