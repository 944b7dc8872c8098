package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.structured.Parts.conv;
import static org.vpns.structured.Parts.groupNorm;
import static org.vpns.structured.Parts.grouped;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.positions;

import ai.djl.nn.Activation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.graph.NetworkValues;

/** What becomes of the units that are left when others have left, where it is not just the rest. */
class RemovalInStepsTest extends SmallNetworks {
  private NetworkValues without(NetworkValues network, int unit) {
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<ChannelUnit> leaving = List.of(groups.groups().get(0).units().get(unit));
    return Removal.requireMasked(groups, network, leaving, images(), manager);
  }

  /** It was free, as long as the other was there. */
  @Test
  void lastUnitOfAnAxis_stays() {
    // channel i meets channel 3 - i
    NetworkValues network = network(conv(4), lambda(x -> x.add(x.flip(1))), conv(2));
    ChannelGroup whole = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(whole, "0.weight", 0)).containsExactly(List.of(0, 3), List.of(1, 2));
    assertThat(whole.free()).hasSize(2);
    ChannelGroup left = ChannelGroups.of(without(network, 0).graph()).groups().get(0);
    assertThat(positions(left, "0.weight", 0)).containsExactly(List.of(0, 1));
    assertThat(positions(left, "2.weight", 1)).containsExactly(List.of(0, 1));
    requireStays(left, "it is all of 0.weight[0]");
  }

  /** Each block of the norm holds two units of two channels, and then one. */
  @Test
  void blocksThatComeToHoldOneUnit_canLeave_unlessChannelsLieAsTheyDid() {
    NetworkValues network =
        network(conv(4), grouped(8, 4), lambda(x -> groupNorm(x, 8, 2)), conv(2));
    ChannelGroup whole = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(whole, "0.weight", 0)).containsExactly(List.of(0, 2), List.of(1, 3));
    assertThat(positions(whole, "1.weight", 0))
        .containsExactly(List.of(0, 1, 4, 5), List.of(2, 3, 6, 7));
    assertThat(whole.measured()).hasSize(2);
    NetworkValues smaller = without(network, 0);
    ChannelGroup byItself = ChannelGroups.of(smaller.graph()).groups().get(0);
    assertThat(positions(byItself, "1.weight", 0)).containsExactly(List.of(0, 1), List.of(2, 3));
    assertThat(byItself.free()).hasSize(2);
    assertThat(byItself.measured()).isEmpty();
    ChannelRules alike = ChannelGroups.of(network.graph()).lastingRules();
    ChannelGroup asBefore = ChannelGroups.of(smaller.graph(), alike).groups().get(0);
    assertThat(positions(asBefore, "1.weight", 0)).containsExactly(List.of(0, 1, 2, 3));
    assertThat(asBefore.measured()).isEqualTo(whole.measured());
    requireStays(asBefore, "it is all of 0.weight[0]");
  }

  /** A convolution of groups of one channel is a depthwise one. */
  @Test
  void groupsThatComeToOneChannel_leaveWithIt() {
    NetworkValues network = network(conv(4), grouped(4, 2), conv(2));
    List<ChannelGroup> whole = ChannelGroups.of(network.graph()).groups();
    assertThat(positions(whole.get(0), "0.weight", 0))
        .containsExactly(List.of(0, 2), List.of(1, 3));
    assertThat(positions(whole.get(1), "1.weight", 0))
        .containsExactly(List.of(0, 2), List.of(1, 3));
    List<ChannelGroup> left = ChannelGroups.of(without(network, 0).graph()).groups();
    assertThat(left).extracting(ChannelGroup::name).containsExactly("0", "2");
    assertThat(positions(left.get(0), "0.weight", 0)).containsExactly(List.of(0), List.of(1));
    assertThat(positions(left.get(0), "1.weight", 0)).containsExactly(List.of(0, 1), List.of(2, 3));
    assertThat(left.get(0).free()).hasSize(2);
  }

  /** An axis of 1 fits every width: the gate's second channel gates all, and is none of them. */
  @Test
  void gateThatComesToOneChannel_isTiedNoLonger() {
    NetworkValues network =
        network(conv(2), lambda(x -> x.mul(Activation.sigmoid(x))), conv(4), conv(2));
    List<ChannelGroup> whole = ChannelGroups.of(network.graph()).groups();
    assertThat(whole).extracting(ChannelGroup::name).containsExactly("0", "2", "3");
    assertThat(whole.get(0).free()).hasSize(2);
    List<ChannelGroup> left = ChannelGroups.of(without(network, 0).graph()).groups();
    assertThat(left).extracting(ChannelGroup::name).containsExactly("2", "3");
  }
}
