package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.vpns.graph.SmallNetworks.chain;
import static org.vpns.graph.SmallNetworks.conv;
import static org.vpns.graph.SmallNetworks.lambda;
import static org.vpns.graph.SmallNetworks.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;

/** Widths narrowed on both sides, which equals zeros for what leaves. */
class NarrowingTest extends NetworkCase {
  private static Arguments narrowing(String name, Block block, WidthPlan plan) {
    return Arguments.of(name, block, plan);
  }

  static Stream<Arguments> widths() {
    return Stream.of(
        narrowing(
            "convolutions with batch norm and pooling",
            chain(
                conv(6),
                BatchNorm.builder().build(),
                Activation.reluBlock(),
                Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)),
                conv(4)),
            WidthPlan.of().rows("0", 5, 0, 2).norm("1", 5, 0, 2).keep("4.weight", 1, 5, 0, 2)),
        narrowing(
            "depthwise, two outputs per channel",
            chain(conv(6), conv(12).optGroups(6), Activation.leakyReluBlock(0.1f), conv(4)),
            WidthPlan.of()
                .rows("0", 0, 2, 5)
                .rows("1", 0, 1, 4, 5, 10, 11)
                .keep("3.weight", 1, 0, 1, 4, 5, 10, 11)),
        narrowing(
            "groups",
            chain(conv(8), conv(6).optGroups(2), conv(4)),
            WidthPlan.of()
                .rows("0", 0, 3, 4, 7)
                .keep("1.weight", 1, 0, 3)
                .rows("1", 0, 2, 3, 4)
                .keep("2.weight", 1, 0, 2, 3, 4)),
        narrowing(
            "flattened maps",
            chain(conv(3), Blocks.batchFlattenBlock(), linear(5), linear(2)),
            WidthPlan.of()
                .rows("0", 0, 2)
                .keep("2.weight", 1, IntStream.range(0, 48).filter(i -> i / 16 != 1).toArray())
                .rows("2", 4, 1)
                .keep("3.weight", 1, 4, 1)),
        narrowing(
            "global pooling and a linear layer",
            chain(conv(6), Pool.globalAvgPool2dBlock(), linear(2)),
            WidthPlan.of().rows("0", 1, 3).keep("2.weight", 1, 1, 3)),
        narrowing(
            "halves added",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDList halves = x.split(2, 1);
                      return halves.get(0).add(halves.get(1));
                    }),
                conv(4)),
            WidthPlan.of().rows("0", 0, 2, 3, 5).keep("2.weight", 1, 0, 2)),
        narrowing(
            "pieces of other lengths joined again",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDList parts = x.split(new long[] {2}, 1);
                      return NDArrays.concat(new NDList(parts.get(1), parts.get(0)), 1);
                    }),
                conv(4)),
            WidthPlan.of().rows("0", 1, 3, 5).keep("2.weight", 1, 1, 3, 5)),
        narrowing(
            "channels shuffled",
            chain(
                conv(6),
                lambda(
                    x -> x.reshape(-1, 2, 3, 4, 4).transpose(0, 2, 1, 3, 4).reshape(-1, 6, 4, 4)),
                conv(4)),
            WidthPlan.of().rows("0", 0, 2, 3, 5).keep("2.weight", 1, 0, 1, 4, 5)),
        narrowing(
            "joined with what stays whole",
            chain(conv(6), lambda(x -> x.concat(x.sum(new int[] {1}, true), 1)), conv(4)),
            WidthPlan.of().rows("0", 0, 2, 5).keep("2.weight", 1, 0, 2, 5, 6)),
        narrowing(
            "a range of channels",
            chain(conv(6), lambda(x -> x.get(":, 1:5, ::2")), conv(4)),
            WidthPlan.of().rows("0", 0, 2, 3, 5).keep("2.weight", 1, 1, 2)),
        narrowing(
            "largest values of each row",
            chain(conv(6), lambda(x -> x.topK(2, 3).get(0)), conv(4)),
            WidthPlan.of().rows("0", 5, 0, 2).keep("2.weight", 1, 5, 0, 2)),
        narrowing(
            "one channel",
            chain(conv(6), lambda(x -> x.get(":, 3").expandDims(1)), conv(4)),
            WidthPlan.of().rows("0", 0, 3)),
        narrowing(
            "channels padded with zeros",
            chain(conv(6), lambda(x -> x.pad(new Shape(0, 0, 0, 0, 1, 2), 0)), conv(4)),
            WidthPlan.of().rows("0", 0, 5).keep("2.weight", 1, 0, 1, 6, 7, 8)),
        narrowing(
            "a gate of the channels' means",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDArray mean = x.mean(new int[] {3}, true).mean(new int[] {2}, true);
                      return x.mul(Activation.sigmoid(mean)).clip(-3, 3).add(0.5f);
                    }),
                conv(4)),
            WidthPlan.of().rows("0", 4, 1).keep("2.weight", 1, 4, 1)),
        narrowing(
            "means spread out again",
            chain(
                conv(6),
                lambda(x -> x.mean(new int[] {3}, true).broadcast(x.getShape()).add(x)),
                conv(4)),
            WidthPlan.of().rows("0", 1, 2).keep("2.weight", 1, 1, 2)),
        narrowing(
            "turned, stacked and squeezed",
            chain(
                conv(6),
                lambda(
                    x ->
                        NDArrays.stack(new NDList(x.flip(1), x.flip(1).neg().exp()), 1)
                            .max(new int[] {1}, false)
                            .expandDims(2)
                            .squeeze(2)),
                conv(4)),
            WidthPlan.of().rows("0", 0, 2, 5).keep("2.weight", 1, 0, 3, 5)),
        narrowing(
            "pixels of all images in one row of channels each",
            chain(
                conv(6),
                lambda(x -> x.transpose(0, 2, 3, 1).reshape(-1, 6)),
                linear(3),
                lambda(x -> x.reshape(-1, 16, 3).sum(new int[] {1}))),
            WidthPlan.of().rows("0", 4, 0, 2).keep("2.weight", 1, 4, 0, 2)),
        narrowing(
            "positions that attend to each other",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDArray rows = x.reshape(-1, 6, 16);
                      return rows.transpose(0, 2, 1).matMul(rows).softmax(2);
                    }),
                linear(3)),
            WidthPlan.of().rows("0", 0, 2, 5)));
  }

  /** What leaves is zero in the masked network, and what reads it is gone on both sides. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("widths")
  void narrow_onBothSidesOfAWidth_equalsTheMaskedNetwork(String name, Block block, WidthPlan plan) {
    NetworkValues network = network(block);
    NetworkValues narrow = plan.narrowed(network, manager);
    assertThat(narrow.graph().nodes())
        .extracting(GraphNode::name)
        .containsExactlyElementsOf(network.graph().nodes().stream().map(GraphNode::name).toList());
    assertThat(narrow.graph().parameters())
        .extracting(GraphParameter::path)
        .containsExactlyElementsOf(
            network.graph().parameters().stream().map(GraphParameter::path).toList());
    float[] expected = run(plan.masked(network));
    // the same products, summed in another order
    assertThat(run(narrow)).containsExactly(expected, within(2e-5f));
    // a block of it trains and saves as any
    GraphBlock copy = GraphBlock.of(narrow, manager);
    assertThat(run(copy.network())).isEqualTo(run(narrow));
  }

  @Test
  void narrow_keepsFlagsTypesAndTheGivenNetwork() {
    NetworkValues network = network(SmallNetworks.twoConvolutions());
    float[] before = run(network);
    NetworkValues narrow =
        WidthPlan.of()
            .rows("0", 1, 4)
            .norm("1", 1, 4)
            .keep("4.weight", 1, 1, 4)
            .narrowed(network, manager);
    for (GraphParameter p : narrow.graph().parameters()) {
      GraphParameter old = network.graph().parameter(p.path());
      assertThat(p.type()).isEqualTo(old.type());
      assertThat(p.trained()).isEqualTo(old.trained());
      assertThat(p.dataType()).isEqualTo(old.dataType());
      assertThat(narrow.array(p).getDevice()).isEqualTo(network.array(old).getDevice());
    }
    assertThat(narrow.array("4.bias")).isSameAs(network.array("4.bias"));
    assertThat(narrow.array("1.running_mean").toFloatArray())
        .containsExactly(
            network.array("1.running_mean").getFloat(1),
            network.array("1.running_mean").getFloat(4));
    assertThat(run(network)).isEqualTo(before);
  }

  @Test
  void narrow_ofALayerNorm_rewritesItsShape() {
    NetworkValues network =
        network(
            chain(Pool.globalAvgPool2dBlock(), linear(6), LayerNorm.builder().build(), linear(2)));
    NetworkValues narrow =
        WidthPlan.of()
            .rows("1", 0, 5)
            .rows("2", 0, 5)
            .keep("3.weight", 1, 0, 5)
            .narrowed(network, manager);
    assertThat(narrow.graph().nodes())
        .filteredOn(node -> node.operator() instanceof Layers.LayerNorm)
        .singleElement()
        .satisfies(
            node ->
                assertThat(((Layers.LayerNorm) node.operator()).shape()).isEqualTo(new Shape(2)));
    assertThat(run(narrow)).hasSize(4);
  }

  @Test
  void split_afterNarrowing_namesTheNewPieces() {
    NetworkValues network =
        network(chain(conv(6), lambda(x -> x.split(new long[] {2}, 1).get(1)), conv(4)));
    NetworkValues narrow =
        WidthPlan.of().rows("0", 0, 3, 5).keep("2.weight", 1, 1, 3).narrowed(network, manager);
    assertThat(narrow.graph().nodes())
        .extracting(GraphNode::operator)
        .contains(new Joining.Split(List.of(1L), 1));
  }
}
