package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Sparsity;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;

/** Budgets by hand. */
class ChannelBudgetTest {
  @ParameterizedTest
  @CsvSource({
    "4MB, '4,000,000'",
    "4 mb, '4,000,000'",
    "1.5kB, '1,500'",
    "512KiB, '524,288'",
    "2MiB, '2,097,152'",
    "7B, 7",
    "1GB, '1,000,000,000'"
  })
  void bytes_ofAText_areItsUnits(String text, String bytes) {
    assertThat(ChannelBudget.bytes(text)).hasToString(bytes + " bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "4", "MB", "-4MB", "0MB", "4 XB", "1e9MB", "99999999999GB"})
  void bytes_ofOtherTexts_areRefused(String text) {
    assertThatThrownBy(() -> ChannelBudget.bytes(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("size that cannot be read: ChannelBudget.bytes; ");
  }

  @Test
  void shares_outOfRange_areRefused() {
    for (double share : new double[] {0, -0.5, 1.5, Double.NaN}) {
      assertThatThrownBy(() -> ChannelBudget.macs(share))
          .hasMessageStartingWith("share out of range: ChannelBudget, macs; ");
    }
    assertThatThrownBy(() -> ChannelBudget.parameters(0L))
        .hasMessageStartingWith("cost out of range: ChannelBudget, parameters; ");
  }

  private static ChannelGroups groups(NDManager manager, int... widths) {
    return ChannelGroups.of(Chain.convolutions(manager, widths).graph());
  }

  /** Widths 8 and 4: 216 + 288 + 20 weights; one channel of conv1 is 27 + 36, of conv2 72 + 5. */
  @Test
  void parameters_byHand_leaveByScoreForWhatTheySave() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelGroups groups = groups(manager, 8, 4);
      // 6.3 / 63 = 0.1 a parameter; 7.8 / 77 is more, 7.6 / 77 less
      ChannelScores conv1First = ChannelScores.of(groups, unit -> unit.group() == 0 ? 6.3 : 7.8);
      ChannelScores conv2First = ChannelScores.of(groups, unit -> unit.group() == 0 ? 6.3 : 7.6);
      ChannelSelection one = ChannelSelection.of(ChannelBudget.parameters(523L)).global();
      assertThat(one.plan(conv1First).groups().get(0).removed()).containsExactly(7);
      assertThat(one.plan(conv1First).after().parameters()).isEqualTo(524 - 63);
      assertThat(one.plan(conv2First).groups().get(1).removed()).containsExactly(3);
      assertThat(one.plan(conv2First).after().parameters()).isEqualTo(524 - 77);
    }
  }

  /** Of 8 and 4: 108 + 144 + 20 weights once conv1 has lost half of its channels by itself. */
  @Test
  void cost_besideAShareOfALayer_countsWhatHasLeftForTheShare() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelScores scores = ChannelScores.of(groups(manager, 8, 4), unit -> 1);
      ChannelSelection half =
          ChannelSelection.of(ChannelBudget.parameters(272L)).share("conv1", Sparsity.of(0.5));
      ChannelPlan enough = half.plan(scores);
      assertThat(enough.groups().stream().map(ChannelPlan.Group::kept)).containsExactly(4, 4, 5);
      assertThat(enough.obtained()).isEqualTo("272");
      // a channel of conv2 is 36 + 5 weights now
      ChannelPlan more = half.budget(ChannelBudget.parameters(231L)).plan(scores);
      assertThat(more.groups().stream().map(ChannelPlan.Group::kept)).containsExactly(4, 3, 5);
      assertThat(more.obtained()).isEqualTo("231");
      assertThat(more.after().parameters()).isEqualTo(231);
    }
  }

  @Test
  void local_underABoundForACost_shrinksAllGroupsAlike() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelGroups groups = groups(manager, 20, 40);
      ChannelScores scores =
          ChannelScores.of(groups, unit -> unit.group() == 0 ? 100 : unit.number());
      ChannelPlan plan = ChannelSelection.of(ChannelBudget.macs(0.25)).local().plan(scores);
      double first = plan.groups().get(0).kept() / 20.0;
      double second = plan.groups().get(1).kept() / 40.0;
      // a channel of the first is a twentieth of it
      assertThat(Math.abs(first - second)).isLessThanOrEqualTo(0.05);
      assertThat(plan.after().macs()).isLessThanOrEqualTo(plan.before().macs() / 4);
    }
  }

  /** Milliseconds that fall only at every fourth channel, as kernels' do. */
  private record Stairs() implements LayerwiseCost {
    @Override
    public String name() {
      return "milliseconds";
    }

    @Override
    public double of(GraphNode node, List<@Nullable Shape> inputs, List<Shape> outputs) {
      Shape weight = inputs.size() < 2 ? null : inputs.get(1);
      return weight == null ? 0 : 0.1 * ((weight.get(0) + 3) / 4);
    }
  }

  /** Rows of weights, but what is narrower than 8 has no cost that can be. */
  private record Narrow(double cost) implements LayerwiseCost {
    @Override
    public String name() {
      return "rows";
    }

    @Override
    public double of(GraphParameter parameter, Shape shape) {
      return shape.get(0) < 8 && parameter.shape().get(0) >= 8 ? cost : shape.get(0);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1})
  void cost_ofALayer_thatNoneCanHave_isRefused(double cost) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelScores scores = ChannelScores.of(groups(manager, 9, 4), unit -> 1);
      ChannelSelection selection =
          ChannelSelection.of(ChannelBudget.atMost(new Narrow(cost), 12)).global();
      assertThatThrownBy(() -> selection.plan(scores))
          .hasMessageStartingWith(
              "cost that no network can have: rows, what NetworkCost.of gives; ");
    }
  }

  /** The number of operators whose output is wider than 4. */
  private record Wide() implements NetworkCost {
    @Override
    public String name() {
      return "wide layers";
    }

    @Override
    public double of(ModelGraph graph) {
      return graph.nodes().stream().filter(n -> graph.outputShapes(n).get(0).get(1) > 4).count();
    }
  }

  @Test
  void cost_ofStairs_leavesInWholeStairs() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelGroups groups = groups(manager, 10, 8);
      ChannelScores scores =
          ChannelScores.of(groups, unit -> unit.group() == 0 ? 1 : 1.5 + unit.number());
      // 0.3 + 0.2 + 0.2; conv1 falls to 8 for 2 of score, then to 4 for 4, conv2 to 4 for 12
      ChannelPlan plan =
          ChannelSelection.of(ChannelBudget.atMost(new Stairs(), 0.55)).global().plan(scores);
      assertThat(plan.groups().get(0).kept()).isEqualTo(4);
      assertThat(plan.groups().get(1).kept()).isEqualTo(8);
      assertThat(plan.asked()).isEqualTo("at most 0.55 of 0.7 milliseconds");
    }
  }

  @Test
  void cost_ofWholeGraphs_isAskedForThem() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelGroups groups = groups(manager, 10, 8);
      // conv1, conv2, mean and fc are wide; conv2's width is that of two layers
      ChannelScores scores = ChannelScores.of(groups, unit -> 1);
      ChannelSelection selection =
          ChannelSelection.of(ChannelBudget.atMost(new Wide(), 2)).global();
      ChannelPlan plan = selection.plan(scores);
      assertThat(plan.groups().get(0).kept()).isEqualTo(10);
      assertThat(plan.groups().get(1).kept()).isEqualTo(4);
      assertThat(plan.obtained()).isEqualTo("2");
      assertThatThrownBy(() -> selection.budget(ChannelBudget.atMost(new Wide(), 0.5)).plan(scores))
          .hasMessage(
              "budget out of reach: wide layers; expected <= 0.5, found nearest 1 (all groups at"
                  + " their floor); lower minKeep or roundTo, raise maxRemoved, or ask for less.");
    }
  }
}
