package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import com.google.gson.JsonObject;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.internal.flow.Digits;
import org.vpns.internal.flow.PositiveNetwork;
import org.vpns.io.SafeTensors;
import org.vpns.prune.OneShotPruner;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Pruner;

/** Shares of flow, by hand and on the small network. */
final class SynFlowTest {
  private static final SafeTensors FILE = Fixtures.baselines();

  private static Layout layout(Model model) {
    return ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
  }

  @Test
  void shares_ofTwoLinearLayers_areThoseOfTheHand() {
    try (Model model = HandMade.model();
        PositiveNetwork network =
            new PositiveNetwork(model.getBlock(), new Shape(2), layout(model), false, Set.of())) {
      PositiveNetwork.Flow flow = network.flow(MaskSet.ones(layout(model)));
      assertThat(flow.total()).isEqualTo(9.5);
      assertThat(flow.shares()).containsExactly(2, 4, 0.5, 3, 6, 3.5);
      MaskSet five = Scoring.best(Scores.of(layout(model), flow.shares()), "0.167");
      assertThat(network.flow(five).shares()).containsExactly(2, 4, 0, 3, 6, 3);
    }
  }

  /** Sums of shares per tensor. */
  static double[] sums(PositiveNetwork.Flow flow, Layout layout) {
    double[] sums = new double[layout.tensors()];
    for (int i = 0; i < sums.length; i++) {
      for (int j = layout.offset(i); j < layout.offset(i + 1); j++) {
        sums[i] += flow.shares()[j];
      }
    }
    return sums;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shares_ofTheSmallNetwork_areTheReference(boolean released) {
    String run = released ? "synflow_released" : "synflow";
    JsonObject json = Fixtures.baselinesJson().getAsJsonObject(run);
    try (Model model = TinyResNet.newModel();
        PositiveNetwork network =
            new PositiveNetwork(
                model.getBlock(), new Shape(3, 32, 32), layout(model), released, Set.of())) {
      PositiveNetwork.Flow flow = network.flow(MaskSet.ones(layout(model)));
      // float64 on both sides: sums in another order differ in the last digits
      assertThat(flow.total() / json.get("R0").getAsDouble()).isCloseTo(1, Offset.offset(1e-12));
      double[] expected = FILE.doubles(run + ".score0");
      for (int i = 0; i < expected.length; i++) {
        assertThat(flow.shares()[i])
            .isCloseTo(expected[i], Offset.offset(1e-10 * Math.abs(expected[i])));
      }
      double[] sums = sums(flow, layout(model));
      assertThat(Math.abs(sums[0] - sums[6]) < 1e-10 * sums[6]).isEqualTo(!released);
    }
  }

  /** conv1, fc, and the last convolution with its shortcut cut all ways; others lie in series. */
  @Test
  void shares_underAnyMask_areConserved() {
    try (Model model = TinyResNet.newModel();
        PositiveNetwork network =
            new PositiveNetwork(
                model.getBlock(), new Shape(3, 32, 32), layout(model), false, Set.of())) {
      Layout layout = layout(model);
      for (int seed = 0; seed < 5; seed++) {
        MaskSet masks = RandomMasks.of(layout, seed, 0.3 + 0.1 * seed);
        PositiveNetwork.Flow flow = network.flow(masks);
        double[] sums = sums(flow, layout);
        Offset<Double> rounding = Offset.offset(1e-10 * flow.total());
        assertThat(sums[0]).isCloseTo(flow.total(), rounding);
        assertThat(sums[6]).isCloseTo(flow.total(), rounding);
        assertThat(sums[4] + sums[5]).isCloseTo(flow.total(), rounding);
        assertThat(sums[1]).isCloseTo(sums[2], rounding);
        assertThat(sums[3]).isCloseTo(sums[4], rounding);
      }
    }
  }

  /**
   * R counts 3 of 20 outputs: the head's other rows score 0, and flow is conserved all the same.
   */
  @Test
  void shares_ofMappedOutputsOnly_areConserved_andUnmappedRowsHaveNone() {
    LabelAssignment mapping = LabelAssignment.of(20, new int[][] {{4}, {19}, {0}});
    try (Model model = TinyResNet.newModel();
        PositiveNetwork all = network(model);
        PositiveNetwork mapped = network(model)) {
      Layout layout = layout(model);
      mapped.countOnly(mapping);
      for (int seed = 0; seed < 5; seed++) {
        MaskSet masks = RandomMasks.of(layout, seed, 0.3 + 0.1 * seed);
        PositiveNetwork.Flow flow = mapped.flow(masks);
        double[] sums = sums(flow, layout);
        Offset<Double> rounding = Offset.offset(1e-10 * flow.total());
        assertThat(sums[0]).isCloseTo(flow.total(), rounding).isPositive();
        assertThat(sums[6]).isCloseTo(flow.total(), rounding);
        assertThat(sums[4] + sums[5]).isCloseTo(flow.total(), rounding);
        assertThat(sums[1]).isCloseTo(sums[2], rounding);
        assertThat(sums[3]).isCloseTo(sums[4], rounding);
        double[] whole = all.flow(masks).shares();
        int head = layout.offset(6);
        int width = layout.size(6) / 20;
        for (int i = 0; i < layout.size(6); i++) {
          int row = i / width;
          boolean counts = row == 4 || row == 19 || row == 0;
          // a head's own shares do not depend on the other rows
          assertThat(flow.shares()[head + i]).isEqualTo(counts ? whole[head + i] : 0);
        }
      }
    }
  }

  private static PositiveNetwork network(Model model) {
    return new PositiveNetwork(
        model.getBlock(), new Shape(3, 32, 32), layout(model), false, Set.of());
  }

  @Test
  void mapping_ofOtherOutputs_isRefused() {
    try (Model model = TinyResNet.newModel();
        PositiveNetwork network = network(model)) {
      network.countOnly(LabelAssignment.of(19, new int[][] {{4}}));
      assertThatThrownBy(() -> network.flow(MaskSet.ones(layout(model))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "logits do not fit the label mapping: SynFlowScorer.mappedOutputsOnly; expected"
                  + " (1, 19), found (1, 20); ");
    }
  }

  /** The fixture's run maps class t to output t, of 5 classes and 20 outputs. */
  @Test
  void scorer_ofMappedOutputsOnly_takesTheRunsMapping() {
    SynFlowScorer scorer = Scorers.synFlow().mappedOutputsOnly();
    Scores scores = Scoring.scores(scorer);
    Layout layout = scores.layout();
    int width = layout.size(6) / 20;
    for (int i = 0; i < layout.size(6); i++) {
      boolean mapped = i / width < TinyResNet.TARGET_CLASSES;
      assertThat(scores.get(layout.offset(6) + i) > 0).isEqualTo(mapped);
    }
    assertThat(scorer.describe()).isEqualTo("SynFlow, mapped outputs only");
    assertThat(scorer.released().describe())
        .isEqualTo("SynFlow (released form), mapped outputs only");
  }

  @Test
  void scorer_ofMappedOutputsOnly_withoutClasses_isRefused() {
    try (Model model = TinyResNet.newModel()) {
      Pruner pruner = new OneShotPruner("SynFlow", Scorers.synFlow().mappedOutputsOnly());
      Sparsity half = Sparsity.of("0.5");
      assertThatThrownBy(() -> pruner.findMask(model, new Shape(3, 32, 32), half))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("no label mapping to score with: ScoringContext; ");
    }
  }

  @Test
  void operator_thatDoesNotConserveFlow_isRefusedByName_orTakenForTheIdentity() {
    try (Model model = Model.newInstance("sigmoid")) {
      SequentialBlock block =
          new SequentialBlock()
              .add(Blocks.batchFlattenBlock())
              .add(Linear.builder().setUnits(3).build())
              .add(Activation.sigmoidBlock())
              .add(Linear.builder().setUnits(2).build());
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1, 4, 4));
      model.setBlock(block);
      Layout layout = layout(model);
      try (PositiveNetwork strict =
          new PositiveNetwork(block, new Shape(1, 4, 4), layout, false, Set.of())) {
        assertThatThrownBy(() -> strict.flow(MaskSet.ones(layout)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'sigmoid' at node")
            .hasMessageContaining("SynFlowScorer.asIdentity");
      }
      try (PositiveNetwork bent =
          new PositiveNetwork(block, new Shape(1, 4, 4), layout, false, Set.of("sigmoid"))) {
        double[] sums = sums(bent.flow(MaskSet.ones(layout)), layout);
        assertThat(sums[0]).isCloseTo(sums[1], Offset.offset(1e-12 * sums[0])).isPositive();
      }
    }
  }

  @Test
  void mask_ofAnotherNetwork_isRefused() {
    try (Model model = HandMade.model();
        Model other = TinyResNet.newModel()) {
      assertThatThrownBy(
              () -> LayerCollapse.of(model.getBlock(), new Shape(2), MaskSet.ones(layout(other))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("mask of another network: conv1.weight");
    }
  }

  /** Ten digits: what series of layers compute differently in the sixteenth becomes equal. */
  @Test
  void digits_roundToTen() {
    assertThat(Digits.ten(1234567890.49)).isEqualTo(1234567890);
    assertThat(Digits.ten(0.1 + 0.2)).isEqualTo(Digits.ten(0.3));
    assertThat(Digits.ten(1 / 3.0)).isEqualTo(0.3333333333);
    assertThat(Digits.ten(-2e20 / 3)).isEqualTo(-6.666666667e19);
    assertThat(Digits.ten(1e-300)).isEqualTo(1e-300);
    assertThat(Digits.ten(0)).isZero();
    assertThat(Digits.ten(Double.POSITIVE_INFINITY)).isInfinite();
    assertThat(Digits.ten(123456789.25)).isNotEqualTo(Digits.ten(123456789.35));
  }
}
