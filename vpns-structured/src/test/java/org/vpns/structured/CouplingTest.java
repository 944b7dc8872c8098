package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.structured.Parts.chain;
import static org.vpns.structured.Parts.conv;
import static org.vpns.structured.Parts.group;
import static org.vpns.structured.Parts.grouped;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.linear;
import static org.vpns.structured.Parts.positions;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphNode;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** Where a tool for channels is easily wrong: what is coupled, what stays, and that it says so. */
class CouplingTest {
  private static final Shape IMAGE = new Shape(3, 4, 4);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private NetworkValues network(Block... parts) {
    return Removal.network(chain(parts), IMAGE, manager);
  }

  /** Half of what can leave does, and gives what the masked network gives. */
  private NetworkValues halved(NetworkValues network) {
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<ChannelUnit> leaving = Removal.some(groups, groups.free(), 0.5, new Random(5));
    assertThat(leaving).isNotEmpty();
    NDArray x = GraphComparison.images(manager, new Shape(2).addAll(IMAGE));
    return Removal.requireMasked(groups, network, leaving, x, manager);
  }

  private static void requireStays(ChannelGroup group, String reason) {
    assertThat(group.units())
        .allSatisfy(unit -> assertThat(unit.stays()).as(group.toString()).contains(reason));
  }

  @Test
  void result_ofTheNetwork_keepsItsChannels() {
    NetworkValues network = network(conv(6), conv(4));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requireStays(group(groups, "1"), "result of the network");
    assertThat(group(groups, "0").free()).hasSize(6);
    assertThat(groups.toString())
        .isEqualTo(
            String.join(
                System.lineSeparator(),
                "2 groups, 6 of 10 channels can leave",
                "0: 6 channels",
                "  made by 0.weight[0]",
                "  with 0.bias[0]",
                "  read by 1.weight[1]",
                "1: 4 channels",
                "  made by 1.weight[0]",
                "  with 1.bias[0]",
                "  4 stay result of the network"));
  }

  @Test
  void layer_usedTwice_hasOneSliceForBoth() {
    Block shared = conv(3);
    NetworkValues network = network(conv(3), shared, Activation.reluBlock(), shared, conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    String weight =
        group.units().get(0).slices(Role.OUT).stream()
            .map(Slice::parameter)
            .filter(path -> !path.equals("0.weight"))
            .findFirst()
            .orElseThrow();
    assertThat(positions(group, weight, 0)).isEqualTo(positions(group, weight, 1));
    NetworkValues smaller = halved(network);
    assertThat(smaller.graph().parameters()).hasSameSizeAs(network.graph().parameters());
  }

  @Test
  void pieces_ofASplit_areCutWhereTheyEndNow() {
    NetworkValues network =
        network(
            conv(8),
            lambda(
                x -> {
                  NDList halves = x.split(2, 1);
                  return halves.get(0).concat(halves.get(1).neg(), 1);
                }),
            conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<ChannelUnit> units = group(groups, "0").units();
    NDArray x = GraphComparison.images(manager, new Shape(2).addAll(IMAGE));
    Removal.requireMasked(groups, network, units.subList(0, 2), x, manager);
    assertThat(groups.emptied(units.subList(0, 4))).startsWith("split");
    assertThatThrownBy(() -> groups.removal(network, units.subList(0, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing left of an axis: split");
  }

  @Test
  void range_besideTheWhole_losesWhatTheWholeLoses() {
    NetworkValues network =
        network(conv(8), lambda(x -> x.concat(x.get(":, :4").neg(), 1)), conv(2));
    assertThat(positions(ChannelGroups.of(network.graph()).groups().get(0), "2.weight", 1))
        .startsWith(List.of(0, 8), List.of(1, 9))
        .endsWith(List.of(6), List.of(7));
    halved(network);
  }

  @Test
  void everySecondChannel_keepsThemAll_andSaysSo() {
    NetworkValues network = network(conv(8), lambda(x -> x.get(":, ::2")), conv(2));
    requireStays(
        ChannelGroups.of(network.graph()).groups().get(0),
        "(slice) takes positions that are not side by side");
  }

  @Test
  void gate_ofOneChannel_isNoChannelOfWhatItGates() {
    Block gate = conv(1);
    NetworkValues network =
        network(
            conv(6),
            new ParallelBlock(
                lists -> {
                  NDArray maps = lists.get(0).singletonOrThrow();
                  return new NDList(maps.mul(Activation.sigmoid(lists.get(1).singletonOrThrow())));
                },
                List.of(Blocks.identityBlock(), gate)),
            conv(2));
    assertThat(ChannelGroups.of(network.graph()).groups().get(0).free()).hasSize(6);
    halved(network);
  }

  @Test
  void mean_overTheChannels_keepsThem_andSaysSo() {
    NetworkValues network =
        network(conv(6), lambda(x -> x.mul(x.mean(new int[] {1}, true))), conv(5), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requireStays(groups.groups().get(0), "(mean) needs a sum, to which what is removed adds");
    assertThat(group(groups, "2").free()).hasSize(5);
    halved(network);
  }

  @Test
  void softmax_overTheChannels_keepsThem_andSaysSo() {
    NetworkValues network = network(conv(6), lambda(x -> x.softmax(1)), conv(2));
    requireStays(
        ChannelGroups.of(network.graph()).groups().get(0), "(softmax) needs the whole axis");
  }

  @Test
  void pixelShuffle_losesAllFiltersOfAChannel() {
    NetworkValues network =
        network(
            conv(12),
            lambda(
                x -> x.reshape(-1, 3, 2, 2, 4, 4).transpose(0, 1, 4, 2, 5, 3).reshape(-1, 3, 8, 8)),
            conv(2));
    assertThat(positions(ChannelGroups.of(network.graph()).groups().get(0), "0.weight", 0))
        .containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9, 10, 11));
    halved(network);
  }

  @Test
  void linear_overTheWidths_readsNoChannels() {
    NetworkValues network = network(conv(6), linear(5), conv(3), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(group(groups, "0").free()).hasSize(6);
    // its own outputs are widths of maps, over which a convolution slides
    requireStays(group(groups, "1"), "(conv) needs channels alone");
    halved(network);
  }

  @Test
  void depthwise_ofTwoOutputsEach_followsItsChannels() {
    NetworkValues network = network(conv(6), grouped(12, 6), conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(group, "1.weight", 0)).startsWith(List.of(0, 1), List.of(2, 3));
    assertThat(group.units().get(0).slices(Role.THROUGH)).hasSize(1);
    halved(network);
  }

  @Test
  void recurrentLayer_keepsWhatItReads_andIsNamed() {
    NetworkValues network =
        network(
            conv(6),
            lambda(x -> x.reshape(-1, 6, 16).transpose(0, 2, 1)),
            GRU.builder().setNumLayers(1).setStateSize(2).optBatchFirst(true).build());
    requireStays(ChannelGroups.of(network.graph()).groups().get(0), "(gru) needs all of what");
  }

  @Test
  void constant_asWideAsTheChannels_keepsThem_andSaysSo() {
    float[] values = {1, 2, 3, 4, 5, 6};
    NetworkValues network =
        network(
            conv(6),
            lambda(x -> x.mul(x.getManager().create(values, new Shape(1, 6, 1, 1)))),
            conv(2));
    requireStays(
        ChannelGroups.of(network.graph()).groups().get(0),
        "(mul) must lose the same positions of all operands, of which some stay");
  }

  @Test
  void layerNorm_overTheChannels_losesThem_andIsNamed() {
    NetworkValues network =
        network(Pool.globalAvgPool2dBlock(), linear(6), LayerNorm.builder().build(), linear(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroup group = groups.groups().get(0);
    assertThat(group.measured()).containsExactly("2");
    assertThat(group.free()).hasSize(6);
    NetworkValues smaller = groups.removal(network, group.free().subList(2, 6)).apply(manager);
    assertThat(smaller.graph().parameter("2.weight").shape()).isEqualTo(new Shape(2));
  }

  @Test
  void group_ofOneBlockOfRows_isAllOfAnAxis() {
    NetworkValues network = network(conv(4), grouped(2, 2), conv(2));
    ChannelGroup rows = ChannelGroups.of(network.graph()).groups().get(1);
    assertThat(positions(rows, "1.weight", 0)).containsExactly(List.of(0, 1));
    requireStays(rows, "it is all of 1.weight[0]");
  }

  @Test
  void keptLayers_freezeWhatMustStay_andSayWhoAskedForIt() {
    NetworkValues network = network(conv(6), BatchNorm.builder().build(), conv(5), conv(2));
    ChannelGroups outputs =
        ChannelGroups.of(network.graph(), ChannelRules.standard().keepOutputs("2"));
    assertThat(outputs.groups().get(0).free()).hasSize(6);
    requireStays(outputs.groups().get(1), "'2' keeps its outputs, as was asked for");
    ChannelGroups shape = ChannelGroups.of(network.graph(), ChannelRules.standard().keepShape("2"));
    requireStays(shape.groups().get(0), "'2' keeps its shape, as was asked for");
    requireStays(shape.groups().get(1), "'2' keeps its shape, as was asked for");
    assertThat(ChannelGroups.of(network.graph()).free()).hasSize(11);
    assertThatThrownBy(
            () -> ChannelGroups.of(network.graph(), ChannelRules.standard().keepShape("fc")))
        .hasMessageContaining("no layer of this name: ChannelRules; expected");
    assertThatThrownBy(
            () -> ChannelGroups.of(network.graph(), ChannelRules.standard().channelAxis("2", 1)))
        .hasMessageContaining("no axis for channels: ChannelRules.channelAxis, '2'");
  }

  @Test
  void packedAttention_losesTheSameOfAllHeads_orWholeHeads() {
    NetworkValues network = network(PackedAttention.parts());
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
    NDArray x = GraphComparison.images(manager, new Shape(2).addAll(IMAGE));
    Removal.requireMasked(
        whole, network, List.of(whole.groups().get(0).units().get(0)), x, manager);
  }

  @Test
  void units_ofOtherGroups_orThatStay_areRefused() {
    NetworkValues network = network(conv(6), conv(4), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<ChannelUnit> first = groups.groups().get(0).units().subList(4, 6);
    NetworkValues smaller = groups.removal(network, first).apply(manager);
    assertThatThrownBy(() -> groups.removal(smaller, first))
        .hasMessageContaining("groups of another network: ChannelGroups.removal; expected");
    assertThatThrownBy(() -> ChannelGroups.of(smaller.graph()).removal(smaller, first))
        .hasMessageContaining("unit of other groups: unit 4 of group 0; expected");
    assertThatThrownBy(() -> groups.removal(network, groups.groups().get(2).units()))
        .hasMessageContaining("channels that stay: 2.weight[0: 0]; expected units that can leave");
    assertThatThrownBy(() -> groups.removal(network, groups.groups().get(0).units()))
        .hasMessageContaining("nothing left of an axis: 0.weight[0]; expected at least 1");
  }

  @Test
  void frozenParameters_stayFrozen_andTheGivenNetworkStaysAsItIs() {
    SequentialBlock block = chain(conv(6), BatchNorm.builder().build(), conv(2));
    NetworkValues plain = Removal.network(block, IMAGE, manager);
    block.getChildren().get(0).getValue().freezeParameters(true);
    NetworkValues network = BlockTracer.network(block, IMAGE);
    assertThat(network.graph().parameter("0.weight").trained()).isFalse();
    assertThat(ChannelGroups.of(network.graph()).groups())
        .isEqualTo(ChannelGroups.of(plain.graph()).groups());
    float[] before = network.array("0.weight").toFloatArray();
    NetworkValues smaller = halved(network);
    assertThat(smaller.graph().parameter("0.weight").trained()).isFalse();
    assertThat(smaller.graph().parameter("1.running_mean").shape()).isEqualTo(new Shape(3));
    assertThat(network.array("0.weight").toFloatArray()).isEqualTo(before);
  }

  @Test
  void channels_stackedFromTwoLayers_leaveTogether() {
    NetworkValues network =
        network(
            conv(4),
            lambda(x -> NDArrays.stack(new NDList(x, x.flip(1)), 1).max(new int[] {1}, false)),
            conv(2));
    // channel i meets channel 3 - i
    assertThat(positions(ChannelGroups.of(network.graph()).groups().get(0), "0.weight", 0))
        .containsExactly(List.of(0, 3), List.of(1, 2));
    halved(network);
  }
}
