package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.structured.Parts.conv;
import static org.vpns.structured.Parts.group;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.linear;
import static org.vpns.structured.Parts.positions;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphNode;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** Channels within heads, and whole heads, of the forms that attention is written in. */
class AttentionGroupsTest extends SmallNetworks {
  /** Names of the reshapes that make some axes, in order. */
  private static List<String> reshapes(NetworkValues network, int axes) {
    return network.graph().nodes().stream()
        .filter(node -> node.operator().kind().equals("reshape"))
        .filter(node -> network.graph().outputShapes(node).get(0).dimension() == axes)
        .map(GraphNode::name)
        .toList();
  }

  @Test
  void packedAttention_losesTheSameOfAllHeads_orWholeHeads() {
    NetworkValues network = network(Attention.packed());
    String reshape =
        network.graph().nodes().stream()
            .filter(node -> node.operator().kind().equals("reshape"))
            .map(GraphNode::name)
            .toList()
            .get(1);
    // within heads: position j of the queries, keys and values of both heads
    ChannelGroup inside = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(inside, "1.weight", 0))
        .containsExactly(
            List.of(0, 3, 6, 9, 12, 15),
            List.of(1, 4, 7, 10, 13, 16),
            List.of(2, 5, 8, 11, 14, 17));
    assertThat(positions(inside, "3.weight", 1))
        .containsExactly(List.of(0, 3), List.of(1, 4), List.of(2, 5));
    halved(network);
    ChannelRules heads = ChannelRules.standard().channelAxis(reshape, 3);
    ChannelGroups whole = ChannelGroups.of(network.graph(), heads);
    assertThat(positions(whole.groups().get(0), "1.weight", 0))
        .containsExactly(
            List.of(0, 1, 2, 6, 7, 8, 12, 13, 14), List.of(3, 4, 5, 9, 10, 11, 15, 16, 17));
    Removal.requireMasked(
        whole, network, List.of(whole.groups().get(0).units().get(0)), images(), manager);
  }

  @Test
  void wholeHeads_leaveWithTheirQueriesKeysAndValues() {
    NetworkValues network = network(Attention.separate(2, 2, 3));
    ChannelRules heads = ChannelRules.standard();
    for (String reshape : reshapes(network, 4)) {
      heads = heads.channelAxis(reshape, 2);
    }
    ChannelGroups groups = ChannelGroups.of(network.graph(), heads);
    List<List<Integer>> rows = List.of(List.of(0, 1, 2), List.of(3, 4, 5));
    ChannelGroup group = groups.groups().get(0);
    for (String layer : List.of(Attention.QUERIES, Attention.KEYS, Attention.VALUES)) {
      assertThat(positions(group, layer, 0)).as(layer).isEqualTo(rows);
    }
    assertThat(positions(group, Attention.RESULT, 1)).isEqualTo(rows);
    Removal.requireMasked(groups, network, List.of(group.units().get(0)), images(), manager);
  }

  @Test
  void headsFoldedIntoTheImages_loseTheSameOfAll() {
    NetworkValues network = network(Attention.folded());
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<List<Integer>> rows = List.of(List.of(0, 3), List.of(1, 4), List.of(2, 5));
    assertThat(positions(groups.groups().get(0), Attention.QUERIES, 0)).isEqualTo(rows);
    assertThat(positions(groups.groups().get(0), Attention.KEYS, 0)).isEqualTo(rows);
    assertThat(positions(groups.groups().get(1), Attention.VALUES, 0)).isEqualTo(rows);
    assertThat(positions(groups.groups().get(1), Attention.RESULT, 1)).isEqualTo(rows);
    assertThat(groups.groups().get(0).free()).hasSize(3);
    assertThat(groups.groups().get(1).free()).hasSize(3);
    halved(network);
  }

  /** Four heads of queries, two of keys and values. */
  @Test
  void groupedQueries_loseTheSameOfAllHeads_orWholeHeadsWithTheirQueries() {
    NetworkValues network = network(Attention.separate(4, 2, 5));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(positions(groups.groups().get(0), Attention.QUERIES, 0).get(1))
        .containsExactly(1, 6, 11, 16);
    assertThat(positions(groups.groups().get(0), Attention.KEYS, 0).get(1)).containsExactly(1, 6);
    assertThat(positions(groups.groups().get(1), Attention.VALUES, 0).get(1)).containsExactly(1, 6);
    assertThat(positions(groups.groups().get(1), Attention.RESULT, 1).get(1))
        .containsExactly(1, 6, 11, 16);
    halved(network);

    ChannelRules heads = ChannelRules.standard();
    for (String reshape : reshapes(network, 4)) {
      boolean cuts =
          network.graph().outputShapes(network.graph().node(reshape)).get(0).get(1) == 16;
      heads = cuts ? heads.channelAxis(reshape, 2) : heads;
    }
    ChannelGroups whole = ChannelGroups.of(network.graph(), heads);
    ChannelGroup group = whole.groups().get(0);
    assertThat(positions(group, Attention.KEYS, 0))
        .containsExactly(List.of(0, 1, 2, 3, 4), List.of(5, 6, 7, 8, 9));
    assertThat(positions(group, Attention.QUERIES, 0).get(1))
        .containsExactlyElementsOf(IntStream.range(10, 20).boxed().toList());
    Removal.requireMasked(whole, network, List.of(group.units().get(1)), images(), manager);
  }

  /** A parameter beside what it is read with. */
  private static final class Beside extends AbstractBlock {
    private final Parameter parameter;
    private final BinaryOperator<NDArray> reads;
    private final Shape made;

    Beside(Shape shape, Shape made, BinaryOperator<NDArray> reads) {
      this.reads = reads;
      this.made = made;
      parameter =
          addParameter(
              Parameter.builder()
                  .setName("table")
                  .setType(Parameter.Type.WEIGHT)
                  .optShape(shape)
                  .build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      return new NDList(reads.apply(x, store.getValue(parameter, x.getDevice(), training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {new Shape(inputs[0].get(0)).addAll(made)};
    }
  }

  @Test
  void embedding_makesChannels_andKeepsItsRows() {
    NetworkValues network =
        network(
            lambda(x -> x.reshape(-1, 48).clip(0, 4).toType(DataType.INT64, false)),
            new Beside(
                new Shape(5, 6),
                new Shape(48, 6),
                (ids, table) -> table.get(new NDIndex("{}", ids))),
            linear(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(group.free()).hasSize(6);
    assertThat(group.units().get(0).slices())
        .extracting(Slice::toString)
        .containsExactly("1.table[1: 0]", "2.weight[1: 0]");
    NetworkValues smaller = halved(network);
    assertThat(smaller.graph().parameter("1.table").shape()).isEqualTo(new Shape(5, 3));
  }

  @Test
  void positionsAddedToTokens_loseTheTokensChannels() {
    NetworkValues network =
        network(
            lambda(x -> x.reshape(-1, 3, 16).transpose(0, 2, 1)),
            linear(6),
            new Beside(new Shape(1, 16, 6), new Shape(16, 6), NDArray::add),
            linear(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroup group = group(groups, "1");
    assertThat(positions(group, "2.table", 2)).isEqualTo(positions(group, "1.weight", 0));
    assertThat(group.free()).hasSize(6);
    // tokens are no channels
    assertThat(groups.groups()).hasSize(2);
    halved(network);
  }

  @Test
  void layer_onTwoInputs_losesTheSameForBoth() {
    Block shared = conv(5);
    NetworkValues network =
        network(
            new ParallelBlock(
                lists ->
                    new NDList(
                        lists.get(0).singletonOrThrow().concat(lists.get(1).singletonOrThrow(), 1)),
                List.of(Parts.chain(conv(4), shared), Parts.chain(conv(4), shared))),
            conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    // what the shared layer reads is one channel of both
    assertThat(groups.groups().get(0).units())
        .hasSize(4)
        .allSatisfy(unit -> assertThat(unit.slices(Role.OUT)).hasSize(2));
    assertThat(groups.groups().get(1).units())
        .hasSize(5)
        .allSatisfy(
            unit ->
                assertThat(unit.slices(Role.IN))
                    .singleElement()
                    .satisfies(slice -> assertThat(slice.positions()).hasSize(2)));
    halved(network);
  }
}
