package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/** What masks leave of the ways through a network. */
final class LayerCollapseTest {
  private static final Shape IMAGE = new Shape(3, 32, 32);
  private static final Shape SMALL = new Shape(3, 2, 2);
  private static final Shape PAIR = new Shape(2, 2);

  private static Layout layout(Model model) {
    return ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
  }

  private static MaskSet fixture(Layout layout, String name) {
    byte[] bits = Fixtures.baselines().bytes(name);
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      int offset = layout.offset(i);
      masks.put(layout.path(i), Mask.of(layout.shape(i), j -> bits[offset + j] == 1));
    }
    return MaskSet.of(masks);
  }

  private static MaskSet without(MaskSet masks, String... paths) {
    Map<String, Mask> rest = new LinkedHashMap<>(masks.asMap());
    for (String path : paths) {
      rest.put(path, Mask.zeros(masks.get(path).shape()));
    }
    return MaskSet.of(rest);
  }

  @Test
  void denseNetwork_hasNothingToTell() {
    try (Model model = TinyResNet.newModel()) {
      LayerCollapse collapse =
          LayerCollapse.of(model.getBlock(), IMAGE, MaskSet.ones(layout(model)));
      assertThat(collapse.isCollapsed()).isFalse();
      assertThat(collapse.deadSurvivors()).isZero();
      assertThat(collapse.deadUnits()).isEmpty();
      assertThat(collapse.sentences()).isEmpty();
      assertThat(collapse.flow() / 5972877.8649886055).isBetween(1 - 1e-12, 1 + 1e-12);
    }
  }

  /** The reference counts two survivors of SynFlow at 0.9 whose way was cut in the last round. */
  @Test
  void survivors_ofSynFlow_thatNothingReaches_areCounted() {
    try (Model model = TinyResNet.newModel()) {
      Layout layout = layout(model);
      LayerCollapse at90 =
          LayerCollapse.of(model.getBlock(), IMAGE, fixture(layout, "synflow.mask@0.9"));
      assertThat(at90.deadSurvivors()).isEqualTo(2);
      assertThat(at90.emptyLayers()).isEmpty();
      assertThat(at90.flow() / 103368.87214630934).isBetween(1 - 1e-10, 1 + 1e-10);
      LayerCollapse at98 =
          LayerCollapse.of(model.getBlock(), IMAGE, fixture(layout, "synflow.mask@0.98"));
      assertThat(at98.deadSurvivors()).isZero();
      assertThat(at98.flow() / 1514.6985554784344).isBetween(1 - 1e-10, 1 + 1e-10);
    }
  }

  @Test
  void branch_withoutWeights_isBlocked_butTheNetworkGoesOn() {
    try (Model model = TinyResNet.newModel()) {
      Layout layout = layout(model);
      LayerCollapse collapse =
          LayerCollapse.of(model.getBlock(), IMAGE, fixture(layout, "synflow.mask@0.98"));
      assertThat(collapse.isCollapsed()).isFalse();
      assertThat(collapse.blockedBranches()).containsExactly("layer2.0.downsample.0.weight");
      assertThat(collapse.deadUnits()).containsEntry("layer2.0.downsample.0.weight", 16);
      assertThat(collapse.sentences())
          .containsExactly(
              "blocked branch: everything flows past layer2.0.downsample.0.weight, which has no"
                  + " weight left");
    }
  }

  private static NDArray halves(NDArray x, BinaryOperator<NDArray> together) {
    NDList halves = x.split(2, 1);
    return together.apply(halves.get(0), halves.get(1));
  }

  static Map<String, UnaryOperator<NDArray>> meetings() {
    return Map.of(
        "difference", x -> halves(x, NDArray::sub),
        "quotient", x -> halves(x, (a, b) -> a.div(b.exp())),
        "larger one", x -> halves(x, NDArray::maximum),
        "less its mean", x -> x.sub(x.mean(new int[] {1}, true)),
        "largest of four", x -> x.reshape(-1, 2, 4, 2, 2).max(new int[] {2}),
        "parts of a number", x -> x.getManager().full(new Shape(1, 8, 2, 2), 2f).div(x.exp()),
        "largest place", x -> Pool.maxPool2d(x, PAIR, PAIR, new Shape(0, 0), false));
  }

  static Stream<Arguments> meetingFlows() {
    return meetings().entrySet().stream().map(m -> Arguments.of(m.getKey(), m.getValue()));
  }

  /** All of them lead ways on that the operator's own value does not tell of. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("meetingFlows")
  void denseNetwork_whereFlowsMeet_hasNothingToTell(String name, UnaryOperator<NDArray> meeting) {
    try (Model model = small(meeting)) {
      LayerCollapse collapse =
          LayerCollapse.of(model.getBlock(), SMALL, MaskSet.ones(layout(model)));
      assertThat(collapse.sentences()).isEmpty();
      assertThat(collapse.deadUnits()).isEmpty();
    }
  }

  /** sigmoid(0) = 1/2: what it gates goes on. */
  @Test
  void gate_withoutWeights_doesNotCollapseWhatItGates() {
    Block gate = conv(8);
    try (Model model =
        small(
            x -> x,
            new ParallelBlock(
                lists ->
                    new NDList(
                        lists
                            .get(0)
                            .singletonOrThrow()
                            .mul(Activation.sigmoid(lists.get(1).singletonOrThrow()))),
                List.of(Blocks.identityBlock(), gate)))) {
      Layout layout = layout(model);
      String path =
          layout.paths().stream()
              .filter(p -> layout.shape(layout.indexOf(p)).get(1) == 8)
              .findFirst()
              .orElseThrow();
      LayerCollapse collapse =
          LayerCollapse.of(model.getBlock(), SMALL, without(MaskSet.ones(layout), path));
      assertThat(collapse.isCollapsed()).isFalse();
      assertThat(collapse.blockedBranches()).containsExactly(path);
      assertThat(collapse.deadSurvivors()).isZero();
    }
  }

  private static Block conv(int filters) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .build();
  }

  /**
   * A convolution, what is done to its maps of 2 x 2, and a layer that reads what becomes of it.
   */
  private static Model small(UnaryOperator<NDArray> meeting, Block... more) {
    SequentialBlock block = new SequentialBlock().add(conv(8));
    List.of(more).forEach(block::add);
    block
        .add(list -> new NDList(meeting.apply(list.singletonOrThrow())))
        .add(list -> new NDList(list.singletonOrThrow().flatten(1, -1)))
        .add(Linear.builder().setUnits(2).build());
    Model model = Model.newInstance("small");
    model.setBlock(block);
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1).addAll(SMALL));
    return model;
  }

  @Test
  void layer_thatEveryWayCrosses_collapsesTheNetwork() {
    try (Model model = TinyResNet.newModel()) {
      MaskSet ones = MaskSet.ones(layout(model));
      for (String[] cut :
          List.of(
              new String[] {"conv1.weight"},
              new String[] {"fc.weight"},
              new String[] {"layer2.0.conv2.weight", "layer2.0.downsample.0.weight"})) {
        LayerCollapse collapse = LayerCollapse.of(model.getBlock(), IMAGE, without(ones, cut));
        assertThat(collapse.isCollapsed()).isTrue();
        assertThat(collapse.deadSurvivors()).isEqualTo(without(ones, cut).kept());
        assertThat(collapse.blockedBranches()).isEmpty();
        assertThat(collapse.sentences()).singleElement().asString().contains(cut);
      }
      // a residual branch alone does not
      assertThat(
              LayerCollapse.of(model.getBlock(), IMAGE, without(ones, "layer1.0.conv1.weight"))
                  .isCollapsed())
          .isFalse();
    }
  }

  /** Only the first input of the head is kept, but no weight leads to it. */
  @Test
  void layers_thatKeepWeightsWhichDoNotMeet_collapseTheNetwork() {
    try (Model model = HandMade.model()) {
      Layout layout = layout(model);
      Map<String, Mask> masks = new LinkedHashMap<>();
      masks.put(layout.path(0), Mask.parse(layout.shape(0), "0011"));
      masks.put(layout.path(1), Mask.parse(layout.shape(1), "10"));
      LayerCollapse collapse = LayerCollapse.of(model.getBlock(), new Shape(2), MaskSet.of(masks));
      assertThat(collapse.isCollapsed()).isTrue();
      assertThat(collapse.emptyLayers()).isEmpty();
      assertThat(collapse.deadSurvivors()).isEqualTo(3);
      assertThat(collapse.sentences()).singleElement().asString().contains("do not meet");
    }
  }
}
