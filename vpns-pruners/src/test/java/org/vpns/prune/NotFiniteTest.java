package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Values that are not finite, after any update, the last one included. */
final class NotFiniteTest {
  private static final Sparsity HALF = Sparsity.of("0.5");

  /** Decay of 1e3 at a rate of 1e38: every value that is not 0 overflows in its first update. */
  private static final UpdateRule OVERFLOWING = UpdateRule.sgd().decay(1e3);

  private static final LearningRate RATE = LearningRate.constant(1e38);

  /** What overflows in the last update of all, and where that is told to be. */
  private record Case(String name, Recipe.Builder recipe, String where) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stage stage(Target target) {
    return Stage.builder("train")
        .train(target, OVERFLOWING, RATE)
        .pass(Pass.plain())
        .length(Length.iterations(1))
        .build();
  }

  private static Stream<Case> cases() {
    // Infinity times 0 for pixels that begin at 0
    Stage prompt =
        Stage.builder("prompt")
            .train(Target.PROMPT, UpdateRule.adamW().decay(10), RATE)
            .pass(Pass.prompted())
            .length(Length.iterations(1))
            .build();
    return Stream.of(
        new Case(
            "weights of a method",
            Recipe.of(
                Pruners.magnitude().weights(OVERFLOWING, RATE).length(Length.iterations(1)), HALF),
            "conv1.weight["),
        new Case("prunable weights", Recipe.of("p", HALF, stage(Target.PRUNABLE)), "conv1.weight["),
        new Case("others", Recipe.of("o", HALF, stage(Target.OTHERS)), "bn1.weight[0]"),
        new Case("prompt", Recipe.of("d", HALF, prompt).prompt(Prompts.pad(4)), "delta["));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lastUpdate_thatOverflows_failsTheRun_andTheModelIsAsBefore(Case c) {
    ToldFailures listener = new ToldFailures();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Untouched before = Untouched.of(model);
      Recipe recipe = c.recipe().input(SmallRuns.input()).batchSize(SmallRuns.BATCH).build();
      assertThatThrownBy(
              () -> Trainer.of(recipe).listener(listener).fit(model, SmallRuns.splits(manager)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("value is not finite: " + c.where())
          .hasMessageContaining(" after update 1; ")
          .satisfies(Untouched::assertForm);
      before.assertStill(model);
      assertThat(listener.told).hasSize(1);
    }
  }

  /**
   * Inputs of 1e30 have a variance beyond all floats, though what is normalised by it is finite.
   */
  @Test
  void statistics_thatOverflowInTheLastStep_failTheRun() {
    float[] std = {1e-30f, 1e-30f, 1e-30f};
    ImageInput input = SmallRuns.input().normalisation(new float[3], std);
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Untouched before = Untouched.of(model);
      Recipe recipe =
          Recipe.of(Pruners.magnitude().length(Length.iterations(1)), HALF)
              .input(input)
              .batchSize(SmallRuns.BATCH)
              .build();
      assertThatThrownBy(() -> Trainer.of(recipe).fit(model, SmallRuns.splits(manager)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("value is not finite: bn1.running_var[0] after stage 'tune'")
          .satisfies(Untouched::assertForm);
      before.assertStill(model);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "conv1.weight, NaN, value is not finite",
    "fc.weight, Infinity, value is not finite",
    "fc.bias, NaN, value is not finite",
    "bn1.running_mean, Infinity, value is not finite",
    "bn1.running_var, -0.25, variance is negative"
  })
  void network_thatHoldsSuchAValue_isRefusedBeforeAnythingIsDone(
      String path, float value, String what) {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      NamedParameter parameter = ParameterPaths.of(model.getBlock()).find(path);
      assertThat(parameter).isNotNull();
      float[] values = parameter.parameter().getArray().toFloatArray();
      values[2] = value;
      parameter.parameter().getArray().set(values);
      Recipe recipe =
          Recipe.of(Pruners.magnitude().length(Length.iterations(1)), HALF)
              .input(SmallRuns.input())
              .batchSize(SmallRuns.BATCH)
              .build();
      Shape image = new Shape(3, SmallRuns.input().height(), SmallRuns.input().width());
      List<ThrowingCallable> calls =
          List.of(
              () -> Trainer.of(recipe).fit(model, SmallRuns.splits(manager)),
              () -> Trainer.of(recipe).findMask(model, SmallRuns.splits(manager)),
              () -> Pruners.magnitude().findMask(model, HALF, 1),
              () -> Pruners.synFlow().findMask(model, image, HALF));
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(what + ": model 'tinyresnet', " + path + "[2]; expected ")
            .hasMessageContaining("found " + value)
            .satisfies(Untouched::assertForm);
      }
    }
  }
}
