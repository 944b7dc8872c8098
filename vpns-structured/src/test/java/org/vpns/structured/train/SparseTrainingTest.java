package org.vpns.structured.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.RegulariserContract;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Regulariser;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Runs under the regularisers of channels. */
class SparseTrainingTest {
  private static final Shape CANVAS = new Shape(3, 16, 16);

  @Nested
  class OfSlim extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return Regularisers.slim(0.1);
    }
  }

  @Nested
  class OfSlimGroups extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return Regularisers.slimGroups(0.1);
    }
  }

  @Nested
  class OfGroupLasso extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return Regularisers.groupLasso(0.01);
    }
  }

  @Nested
  class OfDepGraph extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return Regularisers.depGraph(0.1).biases();
    }
  }

  /** Of norms one, of all weights the other, and two whose strengths grow. */
  @Nested
  class OfSeveral extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return Regularisers.slim(0.05)
          .plus(Regularisers.growing(0.01, 0.02))
          .plus(Regularisers.growing(0.02, 0.01));
    }
  }

  @Nested
  class OfGrowing extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return Regularisers.growing(0.01, 1);
    }
  }

  private static Recipe recipe(Stage stage) {
    return Recipe.of("sparse training", Sparsity.of(0), stage)
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private static PrunedModel fit(Model model, Stage stage) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe(stage)).fit(model, TinyRuns.splits(manager));
    }
  }

  /** Sums over units of the root of the mean square of all their weights, and of their scales. */
  private record Norms(double weights, double scales) {
    static Norms of(Model model) {
      NetworkValues network = BlockTracer.network(model.getBlock(), CANVAS);
      HeldWeights held = new HeldWeights(network);
      TrainedGroups groups =
          new TrainedGroups(network.graph(), ChannelGroups.of(network.graph()), held, "test");
      return new Norms(sum(groups.weights(), held), sum(groups.batchNormScales(), held));
    }

    static Norms after(Stage stage) {
      try (Model model = TinyResNet.newModel();
          PrunedModel pruned = fit(model, stage)) {
        return of(pruned.model());
      }
    }

    private static double sum(UnitSlices slices, HeldWeights held) {
      return Arrays.stream(slices.meanSquares(held)).map(Math::sqrt).sum();
    }
  }

  private static Stage stage(Regulariser regulariser) {
    return SparseTraining.of(regulariser)
        .weights(UpdateRule.sgd(), LearningRate.constant(0.1))
        .stage(Length.epochs(2));
  }

  /** Where nothing pulls, two epochs leave the channels about as large as they were. */
  @Test
  void training_underEachRegulariser_shrinksWhatItPulls() {
    Norms start;
    try (Model model = TinyResNet.newModel()) {
      start = Norms.of(model);
    }
    Norms plain = Norms.after(stage(Regularisers.depGraph(0)));
    assertThat(plain.weights()).isBetween(0.9 * start.weights(), 1.2 * start.weights());
    assertThat(plain.scales()).isBetween(0.9 * start.scales(), 1.2 * start.scales());
    for (Regulariser slim : List.of(Regularisers.slim(0.5), Regularisers.slimGroups(0.5))) {
      assertThat(Norms.after(stage(slim)).scales()).isLessThan(0.8 * plain.scales());
    }
    for (Regulariser of :
        List.of(
            Regularisers.groupLasso(0.04),
            Regularisers.depGraph(0.1),
            Regularisers.growing(0.1, 0.4))) {
      assertThat(Norms.after(stage(of)).weights()).isLessThan(0.9 * plain.weights());
    }
  }

  private static Map<String, List<Integer>> after(Stage.Builder stage) {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = fit(model, stage.build())) {
      return Outcome.parameters(pruned.model());
    }
  }

  @Test
  void training_underStrengthZero_changesNoBit() {
    Map<String, List<Integer>> plain =
        after(Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(1)));
    for (Regulariser nothing :
        List.of(
            Regularisers.slim(0),
            Regularisers.slimGroups(0),
            Regularisers.groupLasso(0),
            Regularisers.depGraph(0).biases(),
            Regularisers.growing(0, 0))) {
      Stage.Builder same = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(1));
      assertThat(after(same.regularise(nothing))).as(nothing.describe()).isEqualTo(plain);
    }
  }

  /** Layers that rules keep train as if there were no regulariser, in the first step. */
  @Test
  void layers_thatRulesKeep_moveAsWithoutRegulariser() {
    ChannelRules rules = ChannelRules.standard().keepShape("layer2");
    Map<String, List<Integer>> plain =
        after(Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(1)));
    Map<String, List<Integer>> kept =
        after(
            Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(1))
                .regularise(Regularisers.depGraph(1).rules(rules)));
    plain.forEach(
        (path, bits) -> {
          if (path.startsWith("layer2") || path.startsWith("fc") || path.contains("running")) {
            assertThat(kept.get(path)).as(path).isEqualTo(bits);
          } else if (path.equals("layer1.0.conv1.weight")) {
            assertThat(kept.get(path)).as(path).isNotEqualTo(bits);
          }
        });
  }

  /** They cannot leave, so that to make them small would only cost accuracy. */
  @Test
  void channelsOfWhatIsFrozen_moveAsWithoutRegulariser_unlessTheRulesLetThemGo() {
    Map<String, List<Integer>> plain = withFrozenRows(null);
    Map<String, List<Integer>> kept = withFrozenRows(Regularisers.depGraph(1));
    Map<String, List<Integer>> pulled =
        withFrozenRows(Regularisers.depGraph(1).rules(ChannelRules.standard().frozenToo()));
    for (String path : List.of("layer2.0.bn1.weight", "layer2.0.conv2.weight")) {
      assertThat(pulled.get(path)).as(path).isNotEqualTo(plain.get(path));
    }
    assertThat(kept.get("layer2.0.bn1.weight")).isEqualTo(plain.get("layer2.0.bn1.weight"));
    assertThat(kept.get("layer1.0.conv1.weight")).isNotEqualTo(plain.get("layer1.0.conv1.weight"));
  }

  /** One step of a network of which the inner width of a block is frozen where it is made. */
  private static Map<String, List<Integer>> withFrozenRows(@Nullable Regulariser regulariser) {
    Stage.Builder stage = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(1));
    if (regulariser != null) {
      stage.regularise(regulariser);
    }
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths.of(model.getBlock()).find("layer2.0.conv1.weight").parameter().freeze(true);
      try (PrunedModel pruned = fit(model, stage.build())) {
        return Outcome.parameters(pruned.model());
      }
    }
  }

  @Test
  void recipe_ofSparseTrainingAlone_trainsAllWeights_andHasNothingToWarnOf() {
    try (Model model = TinyResNet.newModel()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      try (PrunedModel trained = fit(model, SparseTraining.slim().stage(Length.epochs(2)))) {
        PruneReport report = trained.report();
        assertThat(report.warnings()).isEmpty();
        assertThat(report.kept()).isEqualTo(5_272);
        assertThat(trained.masks().kept()).isEqualTo(trained.masks().size());
        assertThat(report.stages()).hasSize(1);
        assertThat(report.stages().get(0).name()).isEqualTo("sparse training");
        assertThat(report.provenance().toString())
            .contains("stage 1 sparse training=mask keep")
            .contains("regularised by Slim 1.0E-4");
        for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
          float[] values = p.parameter().getArray().toFloatArray();
          assertThat(Outcome.bits(values)).as(p.path()).isNotEqualTo(before.get(p.path()));
        }
      }
    }
  }

  @Test
  void presets_areThoseOfTheMethods() {
    Stage slim = SparseTraining.slim().stage(Length.epochs(10));
    assertThat(slim.motions()).containsExactly(Map.entry(Target.WEIGHTS, Stage.Motion.OF_WEIGHTS));
    assertThat(slim.describe()).endsWith("; 10 epochs; regularised by Slim 1.0E-4");
    Stage depGraph = SparseTraining.depGraph().stage(Length.epochs(10));
    assertThat(depGraph.describe())
        .startsWith(
            "mask keep; WEIGHTS "
                + UpdateRule.sgd().momentum(0.9).describe()
                + " 0.01 x 0.1 at [0.6, 0.8] per epoch; passes")
        .endsWith("; 10 epochs; regularised by DepGraph 1.0E-4, alpha 4.0");
    assertThat(depGraph.keepsBest()).isFalse();
    Stage own =
        SparseTraining.of(Regularisers.growing(1, 2))
            .weights(UpdateRule.adam(), LearningRate.constant(0.5))
            .stage(Length.iterations(3));
    assertThat(own.describe())
        .contains("WEIGHTS " + UpdateRule.adam().describe() + " constant 0.5")
        .endsWith("; 3 iterations; regularised by growing from 1.0 by 2.0");
  }

  @Test
  void slim_whereOnlyWeightsMove_isRefused_andLeavesTheModelAsItWas() {
    Stage stage =
        Stage.builder("weights alone")
            .train(Target.PRUNABLE, Stage.Motion.OF_WEIGHTS)
            .regularise(Regularisers.slim(1e-4))
            .pass(Pass.plain())
            .length(Length.epochs(1))
            .build();
    try (Model model = TinyResNet.newModel()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      assertThatThrownBy(() -> fit(model, stage))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("regulariser that moves nothing: Slim 1.0E-4")
          .hasMessageContaining("train WEIGHTS");
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }
}
