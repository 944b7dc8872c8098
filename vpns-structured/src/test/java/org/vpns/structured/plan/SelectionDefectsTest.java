package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Layout;
import org.vpns.Sparsity;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.NetworkValues;
import org.vpns.optim.UpdateRule;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/** What the best-known tool does wrong in selection (D1 to D9, D24, D28 of the study), right. */
class SelectionDefectsTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static ChannelScores scores(NetworkValues network, ToDoubleFunction<ChannelUnit> score) {
    return ChannelScores.of(ChannelGroups.of(network.graph()), score);
  }

  private static ChannelSelection channels(double leaving) {
    return ChannelSelection.of(ChannelBudget.channels(Sparsity.of(leaving))).global();
  }

  /** How many channels stay of each group but the classes. */
  private static List<Integer> kept(ChannelPlan plan) {
    return plan.groups().subList(0, plan.groups().size() - 1).stream()
        .map(ChannelPlan.Group::kept)
        .toList();
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  /** Of two layers whose scores differ by far, each loses half; where they compete, one does. */
  @Test
  void groups_unlessRankedTogether_loseTheSameShare() {
    NetworkValues network = Chain.convolutions(manager, 16, 16);
    ChannelScores apart = scores(network, unit -> 100 * unit.group() + unit.number());
    ChannelSelection half = ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.5)));
    assertThat(kept(half.plan(apart))).containsExactly(8, 8);
    assertThat(half.plan(apart)).isEqualTo(half.local().plan(apart));
    assertThat(kept(half.global().plan(apart))).containsExactly(2, 14);
    ChannelSelection cost = ChannelSelection.of(ChannelBudget.parameters(0.5));
    assertThat(cost.plan(apart)).isEqualTo(cost.local().plan(apart));
    assertThat(cost.toString()).isEqualTo(cost.local().toString());
  }

  @Test
  void ties_ofAllScores_exactlyTheCountLeavesAndLowerNumbersStay() { // D1
    NetworkValues network = Chain.convolutions(manager, 16, 16, 16);
    ChannelScores equal = scores(network, unit -> 1);
    ChannelPlan quarter = channels(0.25).plan(equal);
    assertThat(kept(quarter)).containsExactly(16, 16, 4);
    assertThat(quarter.groups().get(2).removed()).isEqualTo(range(4, 16));
    // floors of 2 of 16 spread the rest over the groups before
    assertThat(kept(channels(0.5).plan(equal))).containsExactly(16, 6, 2);
    assertThat(kept(channels(0.7).plan(equal))).containsExactly(11, 2, 2);
    assertThatThrownBy(() -> channels(0.9).plan(equal))
        .hasMessage(
            "budget out of reach: channels of conv1 and 2 more; expected <= 5 of 48, found nearest"
                + " 6 (all groups at their floor); lower minKeep, raise maxRemoved, or ask for"
                + " less.");
  }

  @Test
  void ties_besideOneBetterChannelPerLayer_exactlyTheCountLeaves() { // D2
    NetworkValues network = Chain.convolutions(manager, 16, 16, 16);
    ChannelPlan plan = channels(0.25).plan(scores(network, unit -> unit.number() == 15 ? 2 : 1));
    assertThat(kept(plan)).containsExactly(16, 16, 4);
    assertThat(plan.groups().get(2).removed()).isEqualTo(range(3, 15));
  }

  @Test
  void smallLayers_rankedWithOthers_stopAtTheirFloorAndOthersLoseTheRest() { // D3
    NetworkValues network = Chain.convolutions(manager, 16, 64, 64);
    ChannelPlan plan =
        channels(0.5).plan(scores(network, unit -> unit.group() == 2 ? 5 : 0.01 * unit.number()));
    // a tenth, rounded up: 2 of 16 and 7 of 64; 72 - 14 - 57 = 1 of the last
    assertThat(kept(plan)).containsExactly(2, 7, 63);
    assertThat(plan.groups().get(0).removed()).isEqualTo(range(0, 14));
  }

  @Test
  void maxRemoved_ofAGroup_isABound() { // D4
    NetworkValues network = Chain.convolutions(manager, 16, 64);
    ChannelScores rising = scores(network, unit -> unit.group() + unit.number() / 100.0);
    ChannelPlan local = channels(0.75).local().maxRemoved(Sparsity.of(0.25)).plan(rising);
    assertThat(kept(local)).containsExactly(12, 48);
    assertThat(local.groups().get(0).asked()).isEqualTo(12);
    assertThat(local.groups().get(0).note()).isEqualTo("at most 0.25 of it may leave");
    ChannelPlan global = channels(0.5).maxRemoved(Sparsity.of(0.5)).plan(rising);
    assertThat(kept(global)).containsExactly(8, 32);
    ChannelPlan named = channels(0.5).maxRemoved("conv1", Sparsity.of(0.25)).plan(rising);
    assertThat(kept(named)).containsExactly(12, 28);
  }

  @Test
  void tooMuch_ofOneLayer_leavesItsFloorAndSaysSo() { // D5
    NetworkValues network = Chain.convolutions(manager, 2, 8);
    ChannelScores scores = scores(network, unit -> unit.number());
    assertThat(kept(channels(0.9).local().plan(scores))).containsExactly(1, 1);
    ChannelPlan all = channels(1).local().plan(scores);
    assertThat(kept(all)).containsExactly(1, 1);
    assertThat(all.groups().get(1).asked()).isEqualTo(8);
    assertThat(all.groups().get(1).note()).isEqualTo("at least 1 stay");
    assertThat(all.toString()).contains("asked for 8: at least 1 stay");
    assertThatThrownBy(() -> channels(1).plan(scores))
        .hasMessageContaining("expected <= 0 of 10, found nearest 2 (all groups at their floor)");
  }

  @Test
  void counts_ofShares_areExactDecimals() { // D6
    NetworkValues network = Chain.convolutions(manager, 10, 100);
    ChannelScores scores = scores(network, unit -> unit.number());
    // floors of 1, or a tenth would stay anyway
    assertThat(kept(channels(0.9).local().minKeep(1).plan(scores))).containsExactly(1, 10);
    assertThat(kept(channels(0.7).local().minKeep(1).plan(scores))).containsExactly(3, 30);
  }

  @Test
  void roundTo_ofWidths_keepsNoFewerThanAskedAndNeverNothing() { // D7
    NetworkValues network = Chain.convolutions(manager, 100, 16, 20);
    ChannelScores scores = scores(network, unit -> unit.number());
    ChannelSelection by32 = channels(0.05).local().roundTo(32);
    assertThat(by32.plan(scores).groups().get(0).kept()).isEqualTo(96);
    assertThat(by32.roundDown().plan(scores).groups().get(0).kept()).isEqualTo(64);
    for (double share : new double[] {0.5, 0.8, 0.9}) {
      assertThat(kept(channels(share).local().roundTo(8).plan(scores)).get(1)).isEqualTo(8);
      assertThat(kept(channels(share).local().roundTo(8).roundDown().plan(scores)).get(1))
          .isEqualTo(8);
    }
    ChannelPlan none = channels(0).local().roundTo(8).plan(scores);
    assertThat(kept(none)).containsExactly(100, 16, 20);
    ChannelPlan tenth = channels(0.1).local().roundTo(8).plan(scores);
    assertThat(kept(tenth)).containsExactly(96, 16, 20);
    assertThat(tenth.groups().get(2).asked()).isEqualTo(2);
    assertThat(tenth.groups().get(2).note()).isEqualTo("kept channels are multiples of 8");
    NetworkValues blocks = Chain.of(manager).conv("conv1", 16, 1).conv("conv2", 32, 4).network();
    ChannelPlan grouped = channels(0.3).local().plan(scores(blocks, unit -> unit.number()));
    // one position of four and two of eight leave every block
    assertThat(grouped.apply(blocks, manager).array("conv2.weight").getShape().getShape())
        .containsExactly(24, 3, 3, 3);
    assertThat(grouped.apply(blocks, manager).array("conv1.weight").getShape().get(0))
        .isEqualTo(12);
  }

  @Test
  void isomorphic_groups_rankTogetherEachUnitInItsOwn() { // D8
    NetworkValues network = Chain.convolutions(manager, 8, 4, 8, 8);
    // conv1 to conv3 are read by a convolution, conv4 by the linear layer
    ChannelScores scores =
        scores(network, unit -> unit.group() == 1 ? 10 + unit.number() : unit.number());
    ChannelPlan plan = channels(0.5).isomorphic().plan(scores);
    assertThat(plan.groups().get(0).removed()).isEqualTo(range(0, 5));
    assertThat(plan.groups().get(1).removed()).isEmpty();
    assertThat(plan.groups().get(2).removed()).isEqualTo(range(0, 5));
    assertThat(plan.groups().get(3).removed()).isEqualTo(range(0, 4));
    ChannelPlan two = channels(0.5).together("conv2", "conv4").plan(scores);
    assertThat(kept(two)).containsExactly(4, 4, 4, 2);
    assertThatThrownBy(
            () -> channels(0.5).together("conv2").together("conv1", "conv2").plan(scores))
        .hasMessage(
            "group in two scopes: 'conv2' and 'conv2'; expected one scope for channels that leave"
                + " together, found two; name them in one, or one of them.");
  }

  @Test
  void contradictingShares_ofCoupledLayers_areAnErrorThatNamesBoth() { // D9
    Chain chain = Chain.of(manager).conv("stem", 8, 1);
    int stream = chain.now();
    NetworkValues network = chain.relu("relu").conv("conv", 8, 1).add("add", stream).network();
    ChannelScores scores = scores(network, unit -> unit.number());
    ChannelSelection one = channels(0).share("stem", Sparsity.of(0.25));
    assertThatThrownBy(() -> one.share("conv", Sparsity.of(0.75)).plan(scores))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "contradicting shares: 'stem' and 'conv'; expected one share for layers whose channels"
                + " leave together, found 0.25 and 0.75; give both the same, or name one of"
                + " them.");
    assertThat(kept(one.plan(scores))).containsExactly(6);
    assertThat(kept(one.share("conv", Sparsity.of("0.250")).plan(scores))).containsExactly(6);
    assertThatThrownBy(() -> channels(0).share("convs", Sparsity.of(0.5)).plan(scores))
        .hasMessageStartingWith(
            "no layer of this name: ChannelSelection, 'convs'; expected a layer that makes"
                + " channels, found 'conv' as the nearest; ");
  }

  @Test
  void moments_ofAnOptimiser_areCutWithTheWeightsAndAllOfThemMove() { // D24
    NetworkValues network = Chain.convolutions(manager, 8, 6);
    ChannelPlan plan = channels(0.5).plan(scores(network, unit -> unit.number()));
    SliceMap slices = plan.slices(network.graph());
    Layout dense = Layout.of(Map.of("conv2.weight", network.array("conv2.weight").getShape()));
    UpdateRule adam = UpdateRule.adam();
    float[] values = network.array("conv2.weight").toFloatArray();
    assertThat(slices.cut(dense, values))
        .isEqualTo(plan.apply(network, manager).array("conv2.weight").toFloatArray());
    float[] gradient = new float[values.length];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = i + 1; // no two entries have the same moments
    }
    float[][] slots = {new float[values.length], new float[values.length]};
    adam.update(values, gradient, slots, 0, values.length, 0.1, 1);
    float[] left = slices.cut(dense, values);
    float[] before = left.clone();
    float[][] moments = {slices.cut(dense, slots[0]), slices.cut(dense, slots[1])};
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = -(i % 7); // of another sign and size than what the moments hold
    }
    adam.update(values, gradient, slots, 0, values.length, 0.1, 2);
    adam.update(left, slices.cut(dense, gradient), moments, 0, left.length, 0.1, 2);
    assertThat(left).isEqualTo(slices.cut(dense, values));
    for (int i = 0; i < left.length; i++) {
      assertThat(left[i]).isNotEqualTo(before[i]);
    }
    assertThat(slices.toString()).isEqualTo("SliceMap (3 of 3 parameters smaller)");
  }

  @Test
  void plan_savedOrAppliedAgain_givesTheSameNetworkOnce(@TempDir Path folder) // D28
      throws IOException {
    NetworkValues network = Chain.convolutions(manager, 8, 10);
    ChannelScores scores = scores(network, unit -> unit.number());
    // the share says what leaves: 2 of 10, not 8
    ChannelPlan plan = channels(0.2).local().plan(scores);
    assertThat(kept(plan)).containsExactly(7, 8);
    plan.save(folder.resolve("plan.json"));
    ChannelPlan loaded = ChannelPlan.load(folder.resolve("plan.json"));
    NetworkValues first = plan.apply(network, manager);
    NetworkValues second = loaded.apply(network, manager);
    for (GraphParameter p : first.graph().parameters()) {
      try (NDArray same = first.array(p).eq(second.array(p)).all()) {
        assertThat(same.getBoolean()).isTrue();
      }
    }
    assertThatThrownBy(() -> plan.apply(first, manager))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("plan for another network: ChannelPlan.apply; expected ");
  }
}
