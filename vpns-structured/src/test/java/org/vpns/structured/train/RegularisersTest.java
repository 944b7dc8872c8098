package org.vpns.structured.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.FixtureNetworks;
import org.vpns.testing.MissingArguments;
import org.vpns.train.Regulariser;

/**
 * By hand: two channels, each with a weight of a convolution, of a norm, of a depthwise
 * convolution, of another norm, and of a linear layer.
 */
class RegularisersTest {
  private static final String ROW = "0.weight";
  private static final String FIRST = "1.weight";
  private static final String DEPTHWISE = "2.weight";
  private static final String SECOND = "3.weight";
  private static final String COLUMN = "5.weight";

  /** Sums of squares 36 and 144, so means over the five axes 7.2 and 28.8. */
  private static final Map<String, float[]> WEIGHTS =
      Map.of(
          ROW,
          new float[] {1, 2},
          FIRST,
          new float[] {3, -6},
          "1.bias",
          new float[] {5, 7},
          DEPTHWISE,
          new float[] {1, -2},
          SECOND,
          new float[] {4, 8},
          "3.bias",
          new float[] {5, 7},
          COLUMN,
          new float[] {3, 6},
          "5.bias",
          new float[] {9});

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static Block convolution(int filters, int groups) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(1, 1))
        .optGroups(groups)
        .optBias(false)
        .build();
  }

  private NetworkValues network() {
    SequentialBlock block = new SequentialBlock();
    block.add(convolution(2, 1));
    block.add(BatchNorm.builder().build());
    block.add(convolution(2, 2));
    block.add(BatchNorm.builder().build());
    block.add(Blocks.batchFlattenBlock());
    block.add(Linear.builder().setUnits(1).build());
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 1, 1));
    for (NamedParameter p : ParameterPaths.of(block)) {
      float[] values = WEIGHTS.get(p.path());
      if (values != null) {
        p.parameter().getArray().set(values);
      }
    }
    return BlockTracer.network(block, new Shape(1, 1, 1));
  }

  private HeldWeights held() {
    return new HeldWeights(network());
  }

  private static void requireAdded(
      Map<String, float[]> added,
      float[] row,
      float[] first,
      float[] depthwise,
      float[] second,
      float[] column) {
    Map<String, float[]> expected =
        Map.of(
            ROW,
            row,
            FIRST,
            first,
            DEPTHWISE,
            depthwise,
            SECOND,
            second,
            COLUMN,
            column,
            "1.bias",
            new float[2],
            "3.bias",
            new float[2],
            "5.bias",
            new float[1]);
    assertThat(added.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    added.forEach(
        (path, values) -> {
          for (int i = 0; i < values.length; i++) {
            // products of small numbers and roots in double, rounded to float once
            assertThat(values[i]).as(path).isCloseTo(expected.get(path)[i], within(1e-5f));
          }
        });
  }

  private static float[] of(double a, double b) {
    return new float[] {(float) a, (float) b};
  }

  @Test
  void slim_addsTheSignOfEachScale() {
    requireAdded(
        held().added(Regularisers.slim(0.5), ChannelRules.standard()),
        of(0, 0),
        of(0.5, -0.5),
        of(0, 0),
        of(0.5, 0.5),
        of(0, 0));
  }

  @Test
  void slim_ofAScaleOfZero_addsNothing() {
    HeldWeights held = held();
    held.weight(FIRST)[0] = 0;
    assertThat(held.added(Regularisers.slim(0.5), ChannelRules.standard()).get(FIRST))
        .containsExactly(0, -0.5f);
  }

  /** q = (9 + 16) / 2 and (36 + 64) / 2; 1e-9 beside them is nothing. */
  @Test
  void slimGroups_dividesByTheRootOfTheMeanSquareOfAUnit() {
    requireAdded(
        held().added(Regularisers.slimGroups(Math.sqrt(12.5)), ChannelRules.standard()),
        of(0, 0),
        of(3, -3),
        of(0, 0),
        of(4, 4),
        of(0, 0));
  }

  /** sqrt(5) w / 6 and sqrt(5) w / 12. */
  @Test
  void groupLasso_addsTheUnitsDirectionTimesTheRootOfItsSize() {
    requireAdded(
        held().added(Regularisers.groupLasso(6 / Math.sqrt(5)), ChannelRules.standard()),
        of(1, 1),
        of(3, -3),
        of(1, -1),
        of(4, 4),
        of(3, 3));
  }

  /** The weaker unit decays 16 times as fast, its row of the depthwise convolution as well. */
  @Test
  void depGraph_decaysTheWeakestMost() {
    requireAdded(
        held().added(Regularisers.depGraph(0.5), ChannelRules.standard()),
        of(8, 1),
        of(24, -3),
        of(8, -1),
        of(32, 4),
        of(24, 3));
  }

  /** D26: alpha had no effect. */
  @Test
  void depGraph_ofAnotherAlpha_decaysByThat() {
    requireAdded(
        held().added(Regularisers.depGraph(1).alpha(1), ChannelRules.standard()),
        of(2, 2),
        of(6, -6),
        of(2, -2),
        of(8, 8),
        of(6, 6));
  }

  @Test
  void depGraph_withBiases_decaysShiftsToo_byTheSameScores() {
    Map<String, float[]> added =
        held().added(Regularisers.depGraph(1).biases(), ChannelRules.standard());
    assertThat(added.get("1.bias")).containsExactly(80, 7);
    assertThat(added.get("3.bias")).containsExactly(80, 7);
    assertThat(added.get("5.bias")).containsExactly(0);
    assertThat(added.get(ROW)).containsExactly(16, 2);
  }

  /**
   * D26: norms never grew. (28.8 - 7.2) / (28.8 - 7.2 + 1e-8) = 1: the weaker grows by delta, the
   * stronger not.
   */
  @Test
  void growing_growsAfterEachEpoch_onNormsToo() {
    HeldWeights held = held();
    Regulariser.Term term = held.begin(Regularisers.growing(1, 2), ChannelRules.standard());
    term.add(held);
    requireAdded(held.gradients(), of(1, 2), of(3, -6), of(1, -2), of(4, 8), of(3, 6));
    held.gradients().values().forEach(gradient -> Arrays.fill(gradient, 0));
    term.epochEnded(held);
    term.add(held);
    requireAdded(held.gradients(), of(3, 2), of(9, -6), of(3, -2), of(12, 8), of(9, 6));
  }

  static Stream<ChannelRegulariser<?>> all() {
    return Stream.of(
        Regularisers.slim(0.5),
        Regularisers.slimGroups(0.5),
        Regularisers.groupLasso(0.5),
        Regularisers.depGraph(0.5).biases(),
        Regularisers.growing(0.5, 0.25));
  }

  /** Twice the epoch's end and two steps. */
  private static Map<String, float[]> twice(
      HeldWeights held, ChannelRegulariser<?> regulariser, ChannelRules rules) {
    Regulariser.Term term = held.begin(regulariser, rules);
    for (int i = 0; i < 2; i++) {
      term.add(held);
      term.epochEnded(held);
    }
    return held.gradients();
  }

  @ParameterizedTest
  @MethodSource("all")
  void weights_allZero_getNothing(ChannelRegulariser<?> regulariser) {
    HeldWeights held = held();
    WEIGHTS.keySet().forEach(path -> Arrays.fill(held.weight(path), 0));
    twice(held, regulariser, ChannelRules.standard())
        .forEach((path, added) -> assertThat(added).as(path).containsOnly(0f));
  }

  /** D25: NaN in each gradient. Of equal units none is the weakest: all decay as the strongest. */
  @ParameterizedTest
  @ValueSource(floats = {1, 1e-20f, 1e18f})
  void units_allEqual_decayAlike(float value) {
    HeldWeights held = held();
    WEIGHTS.keySet().forEach(path -> Arrays.fill(held.weight(path), value));
    Map<String, float[]> decayed =
        twice(held, Regularisers.depGraph(0.25), ChannelRules.standard());
    List.of(ROW, FIRST, DEPTHWISE, SECOND, COLUMN)
        .forEach(path -> assertThat(decayed.get(path)).as(path).containsOnly(value / 2));
    HeldWeights other = held();
    WEIGHTS.keySet().forEach(path -> Arrays.fill(other.weight(path), value));
    Map<String, float[]> grown =
        twice(other, Regularisers.growing(0.25, 3), ChannelRules.standard());
    List.of(ROW, FIRST, DEPTHWISE, SECOND, COLUMN)
        .forEach(path -> assertThat(grown.get(path)).as(path).containsOnly(value / 2));
  }

  @ParameterizedTest
  @MethodSource("all")
  void values_ofAnyScale_giveFiniteNumbers(ChannelRegulariser<?> regulariser) {
    for (float scale : new float[] {1e-38f, 1e-22f, 1e-10f, 1e10f, 1e30f}) {
      HeldWeights held = held();
      for (String path : WEIGHTS.keySet()) {
        float[] values = held.weight(path);
        for (int i = 0; i < values.length; i++) {
          values[i] *= scale;
        }
      }
      twice(held, regulariser, ChannelRules.standard())
          .forEach(
              (path, added) -> {
                for (float value : added) {
                  assertThat(value).as("%s at %s", path, scale).isFinite();
                }
              });
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void channels_thatRulesKeep_getNothing(ChannelRegulariser<?> regulariser) {
    assertThatThrownBy(() -> held().added(regulariser, ChannelRules.standard().keepOutputs("0")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("regulariser that moves nothing: " + regulariser.describe());
  }

  @ParameterizedTest
  @MethodSource("all")
  void parameters_thatAreFrozen_getNothing_andTheOthersWhatTheyGot(
      ChannelRegulariser<?> regulariser) {
    Map<String, float[]> all = held().added(regulariser, ChannelRules.standard());
    HeldWeights held = held();
    held.freeze(FIRST);
    held.freeze(ROW);
    Map<String, float[]> some = held.added(regulariser, ChannelRules.standard());
    assertThat(some).doesNotContainKeys(FIRST, ROW).hasSize(6);
    some.forEach((path, added) -> assertThat(added).as(path).isEqualTo(all.get(path)));
  }

  /** The fixture's chain: two convolutions, of which the first has a norm. */
  @Test
  void slim_ofChannelsWithoutNorm_isRefused_andItsRemediesHelp() {
    JsonObject chain =
        FixtureNetworks.all()
            .filter(json -> json.get("name").getAsString().equals("chain"))
            .findFirst()
            .orElseThrow();
    HeldWeights held = new HeldWeights(FixtureNetworks.build(chain, manager).network());
    assertThatThrownBy(() -> held.added(Regularisers.slim(1e-4), ChannelRules.standard()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "channels without batch norm: Slim 1.0E-4, conv2; expected a batch norm over all"
                + " channels that can leave, found 1 of 3 groups without; keep them with"
                + " ChannelRules.keepOutputs(\"conv2\"), or take Regularisers.groupLasso, which"
                + " needs no norm.");
    ChannelRules kept = ChannelRules.standard().keepOutputs("conv2");
    assertThat(held.added(Regularisers.slim(1), kept).get("bn1.weight")).doesNotContain(0);
    assertThat(held.added(Regularisers.groupLasso(1), ChannelRules.standard()).get("conv2.weight"))
        .isNotEqualTo(new float[4 * 6]);
  }

  @Test
  void missingArguments_areNamed() {
    assertThatThrownBy(() -> Regularisers.slim(1).rules(null))
        .hasMessageStartingWith("argument missing: ChannelRegulariser.rules, rules;");
    assertThatThrownBy(() -> Regularisers.slim(1).begin((Regulariser.Weights) null))
        .hasMessageStartingWith("argument missing: ChannelRegulariser.begin, weights;");
  }

  @Test
  void strengths_outOfRange_areRefused() {
    for (double bad : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
      for (Runnable making :
          List.<Runnable>of(
              () -> Regularisers.slim(bad),
              () -> Regularisers.slimGroups(bad),
              () -> Regularisers.groupLasso(bad),
              () -> Regularisers.depGraph(bad),
              () -> Regularisers.growing(bad, 1),
              () -> Regularisers.growing(1, bad),
              () -> Regularisers.depGraph(1).alpha(bad))) {
        assertThatThrownBy(making::run)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("out of range: ")
            .hasMessageContaining("found " + bad);
      }
    }
  }

  @Test
  void description_tellsAllOptions() {
    assertThat(all().map(Regulariser::describe))
        .containsExactly(
            "Slim 0.5",
            "Slim by units 0.5",
            "group lasso 0.5",
            "DepGraph 0.5, alpha 4.0, biases too",
            "growing from 0.5 by 0.25");
    ChannelRules rules =
        ChannelRules.standard().keepOutputs("fc").keepShape("conv1").channelAxis("reshape", 2);
    assertThat(Regularisers.depGraph(0.5).alpha(3).rules(rules).describe())
        .isEqualTo(
            "DepGraph 0.5, alpha 3.0, outputs of [fc] kept, shapes of [conv1] kept, channels along"
                + " axes {reshape=2}");
  }

  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() {
    return MissingArguments.of(SparseTraining.class);
  }
}
