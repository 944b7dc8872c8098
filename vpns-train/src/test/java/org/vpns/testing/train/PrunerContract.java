package org.vpns.testing.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * What every {@link Pruner} promises: exact count, determinism, nothing changed but what it says,
 * the filter respected, resumable to the same bits. The runs are short, on {@link TinyResNet} and
 * the images of {@link TinyRuns}. Take the test-jars of vpns-train and vpns-api, with JUnit 5,
 * AssertJ and an engine, and say how a pruner with stages of four iterations is made:
 *
 * <pre>{@code
 * class RelativeMagnitudeTest extends PrunerContract {
 *   @Override
 *   protected Pruner pruner() {
 *     return new OneShotPruner("Relative magnitude", new RelativeMagnitude())
 *         .length(Length.iterations(4));
 *   }
 * }
 * }</pre>
 */
public abstract class PrunerContract {
  /** A new pruner whose stages last 4 iterations each; equal ones every time. */
  protected abstract Pruner pruner();

  /** A prompt, for methods that need one; by default none. */
  protected @Nullable PromptFactory prompt() {
    return null;
  }

  /** How many of n weights are kept; by default n - floor(s n). */
  protected long kept(Sparsity sparsity, int n) {
    return sparsity.keep(n);
  }

  /** Holds a mask to what the method promises of its size; by default {@link #kept}. */
  protected void requireKept(MaskSet masks) {
    assertThat(masks.kept()).isEqualTo(kept(sparsity(), Math.toIntExact(masks.size())));
  }

  /** A sparsity that the method can reach. */
  protected Sparsity sparsity() {
    return Sparsity.of("0.8");
  }

  private Recipe.Builder recipe() {
    Recipe.Builder builder =
        Recipe.of(pruner(), sparsity()).input(TinyRuns.input()).batchSize(TinyRuns.BATCH);
    PromptFactory prompt = prompt();
    return prompt == null ? builder : builder.prompt(prompt);
  }

  @Test
  void run_keepsTheExactNumber_andRemovedWeightsAreZero() {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = ShortRun.fit(model, Trainer.of(recipe().build()))) {
      MaskSet masks = pruned.masks();
      assertThat(masks.size()).isEqualTo(5_272);
      requireKept(masks);
      assertThat(pruned.report().kept()).isEqualTo(masks.kept());
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        Mask mask = masks.asMap().get(p.path());
        float[] values = p.parameter().getArray().toFloatArray();
        for (int i = 0; mask != null && i < values.length; i++) {
          if (!mask.isKept(i)) {
            assertThat(Float.floatToRawIntBits(values[i])).isZero();
          }
        }
      }
    }
  }

  @Test
  void run_ofTheSameSeed_givesTheSameBits() {
    Outcome first = ShortRun.outcome(Trainer.of(recipe().seed(3).build()));
    assertThat(ShortRun.outcome(Trainer.of(recipe().seed(3).build()))).isEqualTo(first);
  }

  @Test
  void run_withFilter_leavesOtherParametersDense() {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            ShortRun.fit(
                model,
                Trainer.of(recipe().prunable(ParameterFilter.matching("layer2\\..*")).build()))) {
      assertThat(pruned.masks().asMap().keySet()).allMatch(path -> path.startsWith("layer2."));
      assertThat(pruned.masks().size()).isEqualTo(1152 + 2304 + 128);
      requireKept(pruned.masks());
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        if (p.path().equals("conv1.weight") || p.path().equals("fc.weight")) {
          assertThat(p.parameter().getArray().toFloatArray()).doesNotContain(0f);
        }
      }
    }
  }

  /** The first block: a weight, a scale and a shift. */
  private static final List<String> FROZEN = List.of("conv1.weight", "bn1.weight", "bn1.bias");

  private static void freeze(Model model) {
    ParameterPaths.of(model.getBlock()).list().stream()
        .filter(p -> FROZEN.contains(p.path()))
        .forEach(p -> p.parameter().freeze(true));
  }

  @Test
  void run_onAPartlyFrozenNetwork_neitherPrunesNorTrainsWhatIsFrozen() {
    try (Model model = TinyResNet.newModel()) {
      freeze(model);
      Map<String, List<Integer>> before = Outcome.parameters(model);
      try (PrunedModel pruned = ShortRun.fit(model, Trainer.of(recipe().build()))) {
        Map<String, List<Integer>> after = Outcome.parameters(model);
        FROZEN.forEach(path -> assertThat(after.get(path)).as(path).isEqualTo(before.get(path)));
        assertThat(after).isNotEqualTo(before);
        assertThat(pruned.masks().asMap()).doesNotContainKey("conv1.weight");
        assertThat(pruned.masks().size()).isEqualTo(5_272 - 216);
        requireKept(pruned.masks());
        assertThat(pruned.report().warnings())
            .contains(
                "frozen parameters stay as they are: 3 neither pruned nor trained"
                    + " (conv1.weight, bn1.weight, bn1.bias)");
      }
    }
  }

  @Test
  void run_thatIsToPruneFrozenWeights_leavesTheKeptOnesAsTheyWere() {
    String frozen = "layer2.0.conv2.weight";
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths.of(model.getBlock()).list().stream()
          .filter(p -> p.path().equals(frozen))
          .forEach(p -> p.parameter().freeze(true));
      Map<String, List<Integer>> before = Outcome.parameters(model);
      Recipe recipe = recipe().prunable(ParameterFilter.weights().frozenToo()).build();
      try (PrunedModel pruned = ShortRun.fit(model, Trainer.of(recipe))) {
        List<Integer> now = Outcome.parameters(model).get(frozen);
        Mask mask = pruned.masks().get(frozen);
        assertThat(mask.kept()).isLessThan(mask.size());
        for (int i = 0; i < mask.size(); i++) {
          assertThat(now.get(i))
              .isEqualTo(mask.isKept(i) ? before.get(frozen).get(i) : Integer.valueOf(0));
        }
      }
    }
  }

  @Test
  void run_cutAndResumed_equalsTheRunThatWentThrough(@TempDir Path folder) {
    ShortRun.CutAt count = new ShortRun.CutAt(0);
    Outcome whole = ShortRun.outcome(Trainer.of(recipe().build()).listener(count));
    for (long cut : new long[] {1, count.steps() / 2 + 1, count.steps()}) {
      Path checkpoints = folder.resolve("cut" + cut);
      assertThat(ShortRun.resumed(() -> recipe().build(), checkpoints, cut))
          .as("cut at step " + cut)
          .isEqualTo(whole);
    }
  }

  @Test
  void run_thatFails_leavesTheModelAsItWas() {
    try (Model model = TinyResNet.newModel()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      assertThatThrownBy(
              () ->
                  ShortRun.fit(model, Trainer.of(recipe().build()).listener(new ShortRun.CutAt(2))))
          .hasMessageContaining(ShortRun.CUT);
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }

  @Test
  void pruner_isAValue() {
    assertThat(pruner().name()).isNotBlank().isEqualTo(pruner().name());
    assertThat(pruner().stages(sparsity()))
        .isNotEmpty()
        .extracting(org.vpns.train.Stage::describe)
        .isEqualTo(
            pruner().stages(sparsity()).stream().map(org.vpns.train.Stage::describe).toList());
  }
}
