package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.structured.Parts.conv;
import static org.vpns.structured.Parts.group;
import static org.vpns.structured.Parts.grouped;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.linear;
import static org.vpns.structured.Parts.positions;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vpns.graph.NetworkValues;

/** Where a tool for channels is easily wrong: what is coupled, what stays, and that it says so. */
class CouplingTest extends SmallNetworks {
  @Test
  void everySecondChannel_keepsThemAll_andSaysSo() {
    NetworkValues network = network(conv(8), lambda(x -> x.get(":, ::2")), conv(2));
    requireStays(
        ChannelGroups.of(network.graph()).groups().get(0),
        "(slice) takes positions that are not side by side");
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
  void linear_overTheWidths_readsNoChannels() {
    NetworkValues network = network(conv(6), linear(5), conv(3), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(group(groups, "0").free()).hasSize(6);
    // its own outputs are widths of maps, over which a convolution slides
    requireStays(group(groups, "1"), "(conv) needs channels alone");
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
    NetworkValues longer = network(Stream.generate(() -> conv(2)).limit(14).toArray(Block[]::new));
    assertThatThrownBy(
            () -> ChannelGroups.of(longer.graph(), ChannelRules.standard().keepShape("fc")))
        .hasMessageEndingWith("nodes are: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more.");
    assertThatThrownBy(
            () -> ChannelGroups.of(network.graph(), ChannelRules.standard().channelAxis("2", 1)))
        .hasMessageContaining("no axis for channels: ChannelRules.channelAxis, '2'");
  }

  @Test
  void groups_print_eachLayerOnce_andHowManyPositionsAUnitHas() {
    NetworkValues network =
        network(conv(6), BatchNorm.builder().build(), lambda(x -> x.reshape(-1, 96)), linear(2));
    assertThat(ChannelGroups.of(network.graph()).groups().get(0).toString())
        .isEqualTo(
            String.join(
                System.lineSeparator(),
                "0: 6 channels",
                "  made by 0.weight[0]",
                "  with 0.bias[0], 1.*[0]",
                "  read by 3.weight[1] (16 each)"));
    NetworkValues shuffled = network(conv(3), lambda(x -> x.concat(x.get(":, :2"), 1)), conv(2));
    assertThat(ChannelGroups.of(shuffled.graph()).groups().get(0).toString())
        .endsWith("  read by 2.weight[1] (1 to 2 each)");
    NetworkValues single = network(conv(1), conv(2), lambda(x -> x.get(":, :1")));
    assertThat(ChannelGroups.of(single.graph()).toString())
        .contains("  1 stays result of the network");
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
