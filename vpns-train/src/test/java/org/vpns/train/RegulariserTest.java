package org.vpns.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.LearningRate;
import org.vpns.optim.StateVisitor;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.RegulariserContract;
import org.vpns.testing.train.TinyRuns;

/** The hook of a stage that adds to gradients. */
class RegulariserTest {
  private static final double RATE = 0.5;

  /** Adds the sign of each weight: the gradient of the L1 norm. */
  record Lasso(float lambda) implements Regulariser {
    @Override
    public Term begin(Weights weights) {
      return gradients ->
          gradients.paths().forEach(path -> gradients.add(path, (i, w) -> lambda * Math.signum(w)));
    }

    @Override
    public String describe() {
      return "lasso " + lambda;
    }
  }

  /** Pulls weights to where they began, more so after each epoch. */
  record Anchor(float lambda) implements Regulariser {
    @Override
    public Term begin(Weights weights) {
      Map<String, float[]> start = new LinkedHashMap<>();
      weights.paths().forEach(path -> start.put(path, weights.get(path)));
      float[] strength = {lambda};
      return new Term() {
        @Override
        public void add(Gradients gradients) {
          for (String path : gradients.paths()) {
            float[] from = start.get(path);
            gradients.add(path, (i, w) -> strength[0] * (w - from[i]));
          }
        }

        @Override
        public void epochEnded(Weights now) {
          strength[0] *= 2;
        }

        @Override
        public void visit(StateVisitor visitor) {
          visitor.floats("strength", strength, 0, 1);
          start.forEach((path, values) -> visitor.floats(path, values, 0, values.length));
        }
      };
    }

    @Override
    public String describe() {
      return "anchor " + lambda;
    }
  }

  @Nested
  class OfLasso extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return new Lasso(0.01f);
    }
  }

  @Nested
  class OfAnchor extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return new Anchor(0.5f);
    }
  }

  /** Two of them have state of the same names. */
  @Nested
  class OfSum extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return new Anchor(0.5f).plus(new Lasso(0.01f)).plus(new Anchor(0.25f));
    }
  }

  /** A regulariser of one term. */
  private static Regulariser of(Regulariser.Term term) {
    return new Regulariser() {
      @Override
      public Term begin(Weights weights) {
        return term;
      }

      @Override
      public String describe() {
        return "of the test";
      }
    };
  }

  private static Stage.Builder step() {
    return Stage.builder("one step")
        .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(RATE))
        .pass(Pass.plain())
        .length(Length.iterations(1));
  }

  private static Recipe recipe(Stage.Builder stage) {
    return Recipe.of("regularised", Sparsity.of("0"), stage.build())
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private static PrunedModel fit(Model model, Stage.Builder stage, NDManager manager) {
    return Trainer.of(recipe(stage)).fit(model, TinyRuns.splits(manager));
  }

  private static Map<String, float[]> trained(Stage.Builder stage) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = fit(model, stage, manager)) {
      return values(model);
    }
  }

  private static Map<String, float[]> values(Model model) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      values.put(p.path(), p.parameter().getArray().toFloatArray());
    }
    return values;
  }

  /** Plain SGD: w = w - rate (g + added), so the two runs differ by rate times what was added. */
  @Test
  void step_ofPlainSgd_movesEachWeightByRateTimesWhatWasAdded() {
    Map<String, float[]> plain = trained(step());
    Map<String, float[]> regularised = trained(step().regularise(new Lasso(0.25f)));
    Map<String, float[]> start;
    try (Model model = TinyResNet.newModel()) {
      start = values(model);
    }
    assertThat(plain.keySet()).hasSize(32);
    for (String path : plain.keySet()) {
      boolean statistic = path.contains("running");
      float[] without = plain.get(path);
      float[] with = regularised.get(path);
      for (int i = 0; i < with.length; i++) {
        double expected =
            without[i] - (statistic ? 0 : RATE * 0.25 * Math.signum(start.get(path)[i]));
        // one rounding of a float32 gradient and one of a weight, both below 4
        assertThat((double) with[i]).as(path).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void nothingAdded_inAnyWay_changesNoBit() {
    Regulariser zero =
        of(
            gradients -> {
              for (String path : gradients.paths()) {
                gradients.add(path, (i, w) -> i % 2 == 0 ? 0f : -0f);
              }
            });
    Stage.Builder momentum = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(1));
    Map<String, List<Integer>> plain = bits(trained(momentum));
    Stage.Builder again = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(1));
    assertThat(bits(trained(again.regularise(zero)))).isEqualTo(plain);
  }

  private static Map<String, List<Integer>> bits(Map<String, float[]> values) {
    Map<String, List<Integer>> bits = new LinkedHashMap<>();
    values.forEach((path, own) -> bits.put(path, Outcome.bits(own)));
    return bits;
  }

  @Test
  void weights_atTheStart_areTheTrainedOnes_withTypeShapeAndValues() {
    List<String> seen = new ArrayList<>();
    Regulariser looking =
        new Regulariser() {
          @Override
          public Term begin(Weights weights) {
            seen.addAll(weights.paths());
            assertThat(weights.shape("fc.weight")).isEqualTo(new Shape(20, 16));
            assertThat(weights.type("bn1.weight")).isEqualTo(Parameter.Type.GAMMA);
            assertThat(weights.inputShape()).isEqualTo(new Shape(3, 16, 16));
            assertThat(weights.block()).isInstanceOf(TinyResNet.class);
            float[] part = new float[5];
            weights.read("fc.weight", 7, part, 4);
            assertThat(part).endsWith(0).startsWith(weights.get("fc.weight")[7]);
            assertThat(weights.get("bn1.running_var")).hasSize(8);
            return gradients -> {};
          }

          @Override
          public String describe() {
            return "looking";
          }
        };
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      ParameterPaths.of(model.getBlock()).list().stream()
          .filter(p -> p.path().startsWith("layer1"))
          .forEach(p -> p.parameter().freeze(true));
      fit(model, step().regularise(looking), manager).close();
      List<String> expected =
          ParameterPaths.of(model.getBlock()).list().stream()
              .filter(p -> !p.isStatistic() && !p.path().startsWith("layer1"))
              .map(NamedParameter::path)
              .toList();
      assertThat(seen).containsExactlyElementsOf(expected).contains("bn1.weight", "fc.bias");
    }
  }

  /** As on a device whose memory Java cannot see. */
  @Test
  void gradients_inCopiesOfMemory_getTheSame() {
    Map<String, List<Integer>> seen = bits(trained(step().regularise(new Lasso(0.25f))));
    System.setProperty(TensorMemory.PROPERTY, "copy");
    try {
      assertThat(bits(trained(step().regularise(new Lasso(0.25f))))).isEqualTo(seen);
    } finally {
      System.clearProperty(TensorMemory.PROPERTY);
    }
  }

  /** A pass that leaves the weights alone adds nothing to them, whatever it is asked to. */
  @Test
  void pass_thatFreezesATarget_addsNothingToIt() {
    Stage.Builder stage =
        Stage.builder("in turn")
            .train(Target.PRUNABLE, UpdateRule.sgd(), LearningRate.constant(RATE))
            .train(Target.OTHERS, UpdateRule.sgd(), LearningRate.constant(RATE))
            .pass(Pass.plain().freeze(Target.OTHERS))
            .pass(Pass.plain().freeze(Target.PRUNABLE))
            .length(Length.iterations(1));
    List<List<String>> passes = new ArrayList<>();
    float[] one = {1};
    trained(
        stage.regularise(
            of(
                gradients -> {
                  passes.add(gradients.paths());
                  gradients.add("bn1.bias", 0, one, 1);
                  gradients.add("conv1.weight", 3, one, 1);
                })));
    assertThat(passes.get(0)).contains("conv1.weight").doesNotContain("bn1.bias").hasSize(7);
    assertThat(passes.get(1)).contains("bn1.bias").doesNotContain("conv1.weight").hasSize(13);
  }

  @Test
  void wrongTerms_failByName_andLeaveTheModelAsItWas() {
    float[] bad = {1, Float.NaN};
    assertFails(
        gradients -> gradients.add("fc.weight", 2, bad, 2),
        "regulariser is not finite: fc.weight[3], of the test in stage 'one step'; expected a"
            + " finite number, found NaN");
    assertFails(
        gradients -> gradients.add("fc.wait", bad),
        "parameter not found: fc.wait, of the test in stage 'one step'");
    assertFails(
        gradients -> gradients.add("bn1.running_mean", bad),
        "regulariser of what is not trained: bn1.running_mean, of the test");
    assertFails(gradients -> gradients.get("fc.wait"), "parameter not found: fc.wait");
  }

  /** fc.bias has 20 entries. */
  @Test
  void termsOfOtherSizes_failByName_andLeaveTheModelAsItWas() {
    float[] five = new float[5];
    assertFails(
        gradients -> gradients.add("fc.bias", five),
        "amounts do not fit the parameter: fc.bias, of the test in stage 'one step'; expected one"
            + " for each of its 20 entries, found 5");
    assertFails(
        gradients -> gradients.add("fc.bias", 16, five, 5),
        "entries that the parameter does not have: fc.bias, of the test in stage 'one step';"
            + " expected some of its 20, and an array that holds as many, found 5 from 16 on, in an"
            + " array of 5");
    assertFails(gradients -> gradients.add("fc.bias", -1, five, 5), "found 5 from -1 on");
    assertFails(gradients -> gradients.add("fc.bias", 0, five, 6), "found 6 from 0 on");
    assertFails(gradients -> gradients.read("fc.bias", 19, five, 2), "found 2 from 19 on");
    assertFails(gradients -> gradients.read("fc.bias", 0, five, -1), "found -1 from 0 on");
  }

  private static void assertFails(Regulariser.Term term, String message) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      assertThatThrownBy(() -> fit(model, step().regularise(of(term)), manager))
          .hasMessageContaining(message);
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }

  @Test
  void stage_saysWhatItIsRegularisedBy() {
    Stage stage = step().regularise(new Lasso(0.5f)).build();
    assertThat(stage.regulariser()).isEqualTo(new Lasso(0.5f));
    assertThat(stage.describe()).contains("; regularised by lasso 0.5");
    assertThat(stage.toBuilder().build().describe()).isEqualTo(stage.describe());
    assertThat(recipe(step().regularise(new Lasso(0.5f))).options().get("stage 1 one step"))
        .contains("regularised by lasso 0.5");
    assertThat(step().build().describe()).doesNotContain("regularised");
  }

  @Test
  void stage_thatTrainsNoWeights_takesNoRegulariser() {
    Stage.Builder prompt =
        Stage.builder("prompt")
            .train(Target.PROMPT, Stage.Motion.OF_WEIGHTS)
            .pass(Pass.prompted())
            .length(Length.epochs(1))
            .regularise(new Lasso(1));
    assertThatThrownBy(prompt::build)
        .hasMessageContaining("regulariser without weights: Stage 'prompt'");
  }

  @Test
  void stage_givenTwo_isRefused_withTheWayToHaveBoth() {
    Stage.Builder builder = step().regularise(new Lasso(1));
    assertThatThrownBy(() -> builder.regularise(new Lasso(2)))
        .hasMessage(
            "option set twice: Stage 'one step'.regularise; expected one value, found two; join"
                + " them with Regulariser.plus, or build two stages to compare them.");
  }

  /** An eighth and an eighth are a quarter, without any rounding. */
  @Test
  void sum_addsWhatItsPartsAdd() {
    Regulariser two = new Lasso(0.125f).plus(new Lasso(0.125f));
    Map<String, float[]> once = trained(step().regularise(new Lasso(0.25f)));
    Map<String, float[]> twice = trained(step().regularise(two));
    for (String path : once.keySet()) {
      for (int i = 0; i < once.get(path).length; i++) {
        // the gradient is rounded twice in place of once, below 4
        assertThat(twice.get(path)[i]).as(path).isCloseTo(once.get(path)[i], within(1e-6f));
      }
    }
  }

  @Test
  void sum_isAValue_howeverItIsBracketed() {
    Regulariser a = new Lasso(1);
    Regulariser b = new Lasso(2);
    Regulariser c = new Lasso(3);
    assertThat(a.plus(b).plus(c)).isEqualTo(a.plus(b.plus(c))).isNotEqualTo(c.plus(b).plus(a));
    assertThat(a.plus(b).plus(c).describe()).isEqualTo("lasso 1.0 + lasso 2.0 + lasso 3.0");
    assertThat(step().regularise(a.plus(b)).build().describe())
        .contains("; regularised by lasso 1.0 + lasso 2.0");
  }

  /** A run that goes on under another sum would go on from another's state. */
  @Test
  void run_resumedUnderAnotherSum_isRefused(@TempDir Path folder) {
    Supplier<Recipe> both =
        () ->
            recipe(
                Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(2))
                    .regularise(new Anchor(0.5f).plus(new Anchor(0.25f))));
    RunListener cut =
        new RunListener() {
          private int steps;

          @Override
          public void stepFinished(Step step) {
            if (++steps == 4) {
              throw new IllegalStateException("cut here");
            }
          }
        };
    Recipe turned =
        recipe(
            Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(2))
                .regularise(new Anchor(0.25f).plus(new Anchor(0.5f))));
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Trainer first = Trainer.of(both.get()).checkpoints(folder).checkpointEvery(1).listener(cut);
      assertThatThrownBy(() -> first.fit(model, TinyRuns.splits(manager))).hasMessage("cut here");
      Trainer other = Trainer.of(turned).checkpoints(folder).resume();
      assertThatThrownBy(() -> other.fit(model, TinyRuns.splits(manager)))
          .hasMessageContaining("anchor 0.25 + anchor 0.5");
    }
  }

  @Test
  void sum_whoseSecondPartFails_namesBoth_andLeavesTheModelAsItWas() {
    float[] bad = {Float.POSITIVE_INFINITY};
    Regulariser failing = of(gradients -> gradients.add("fc.bias", 0, bad, 1));
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      assertThatThrownBy(
              () -> fit(model, step().regularise(new Lasso(0.5f).plus(failing)), manager))
          .hasMessageContaining(
              "regulariser is not finite: fc.bias[0], lasso 0.5 + of the test in stage 'one step'");
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }
}
