package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Schedule;
import org.vpns.Sparsity;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.structured.Attention;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/** Plans one after the other, each for what the one before has left. */
class ChannelStepsTest {
  /** From 0.1 to 0.4 in four steps, every second one. */
  private static final Schedule SCHEDULE =
      new Schedule() {
        @Override
        public Sparsity at(long step) {
          return Sparsity.of("0." + (1 + step / 2));
        }

        @Override
        public boolean isPruningStep(long step) {
          return step % 2 == 0;
        }

        @Override
        public long end() {
          return 6;
        }

        @Override
        public Sparsity last() {
          return at(end());
        }

        @Override
        public String describe() {
          return "four steps to 0.4";
        }
      };

  private static List<ChannelBudget> budgets(String kind) {
    return ChannelBudget.along(
        SCHEDULE,
        kind.equals("channels")
            ? ChannelBudget::channels
            : gone -> ChannelBudget.macs(gone.density().doubleValue()));
  }

  @Test
  void along_aSchedule_hasABudgetForEachPruningStep() {
    assertThat(budgets("channels").stream().map(ChannelBudget::toString))
        .containsExactly(
            "0.1 of the channels",
            "0.2 of the channels",
            "0.3 of the channels",
            "0.4 of the channels");
    assertThat(budgets("macs").get(3)).hasToString("0.6 of the macs");
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without checks of null can do
  void along_aFunctionThatGivesNoBudget_namesIt() {
    assertThatThrownBy(() -> ChannelBudget.along(SCHEDULE, share -> null))
        .hasMessage(
            "argument missing: ChannelBudget.along, what each gives; expected a value, found null;"
                + " pass one that is not null.");
  }

  /** Scores that stay with the channels: the steps end where one plan does. */
  @ParameterizedTest
  @ValueSource(strings = {"channels", "macs"})
  void steps_withUnchangedScores_endAtThePlanOfTheLastBudget(String kind) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues dense = Chain.convolutions(manager, 12, 20, 9);
      ChannelGroups whole = ChannelGroups.of(dense.graph());
      Random random = new Random(4);
      List<List<Double>> scores = new ArrayList<>();
      for (var group : whole.groups()) {
        scores.add(
            new ArrayList<>(group.units().stream().map(unit -> random.nextDouble()).toList()));
      }
      // the first group goes first, down to its floor, which stays a tenth of 12
      scores.set(0, new ArrayList<>(IntStream.range(0, 12).mapToObj(i -> i / 1e3).toList()));
      List<ChannelBudget> budgets = budgets(kind);
      ChannelSelection selection = ChannelSelection.of(budgets.get(0)).global().reference(whole);
      ChannelPlan once = selection.budget(budgets.get(3)).plan(scored(whole, scores));
      NetworkValues network = dense;
      for (ChannelBudget budget : budgets) {
        ChannelGroups now = ChannelGroups.of(network.graph());
        ChannelPlan plan = selection.budget(budget).plan(scored(now, scores));
        network = plan.apply(network, manager);
        for (int g = 0; g < scores.size(); g++) {
          List<Integer> gone = plan.groups().get(g).removed();
          for (int i = gone.size() - 1; i >= 0; i--) {
            scores.get(g).remove((int) gone.get(i));
          }
        }
      }
      NetworkValues expected = once.apply(dense, manager);
      assertThat(network.graph()).isEqualTo(expected.graph());
      assertThat(network.array("conv2.weight").toFloatArray())
          .isEqualTo(expected.array("conv2.weight").toFloatArray());
      assertThat(once.groups().get(0).kept()).isBetween(2, 4);
    }
  }

  /** Of 4 and 20 channels first 3 leave, then 12: a width of one is no group any more. */
  @Test
  void steps_afterAGroupHasOneChannelLeft_stillCountOverTheWholeNetwork() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues dense = Chain.convolutions(manager, 4, 20);
      ChannelGroups whole = ChannelGroups.of(dense.graph());
      ChannelSelection selection =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.125)))
              .global()
              .minKeep("conv1", 1)
              .reference(whole);
      ChannelPlan first = selection.plan(ChannelScores.of(whole, unit -> unit.group()));
      assertThat(first.groups().get(0).removed()).containsExactly(1, 2, 3);
      NetworkValues network = first.apply(dense, manager);
      ChannelGroups left = ChannelGroups.of(network.graph());
      assertThat(left.groups().stream().map(ChannelGroup::name)).containsExactly("conv2", "fc");
      ChannelPlan second =
          selection
              .budget(ChannelBudget.channels(Sparsity.of(0.5)))
              .plan(ChannelScores.of(left, unit -> 1));
      assertThat(second.groups().get(0).removed()).hasSize(9);
      assertThat(second.obtained()).isEqualTo("12 of 24 leave");
    }
  }

  /**
   * Of 4 channels in each of 8 groups 1 stays, which makes the convolution a depthwise one: its 8
   * channels then are units of their own, and what it makes goes with them.
   */
  @Test
  void steps_afterGroupsComeToOneChannel_countThemAsTheWholeNetworkDoes() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues dense = Chain.of(manager).conv("conv1", 32, 1).conv("conv2", 32, 8).network();
      ChannelGroups whole = ChannelGroups.of(dense.graph());
      assertThat(whole.free()).hasSize(8);
      ChannelSelection most =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.75))).reference(whole);
      ChannelPlan first = most.plan(ChannelScores.of(whole, ChannelUnit::number));
      NetworkValues network = first.apply(dense, manager);
      assertThat(network.array("conv2.weight").getShape()).isEqualTo(new Shape(8, 1, 3, 3));
      ChannelGroups left = ChannelGroups.of(network.graph());
      assertThat(left.free()).hasSize(8);
      ChannelScores scores = ChannelScores.of(left, ChannelUnit::number);
      for (ChannelSelection selection : List.of(most, most.global(), most.isomorphic())) {
        ChannelPlan second = selection.plan(scores);
        assertThat(second.obtained()).isEqualTo("6 of 8 leave");
        assertThat(second.groups().get(0).removed()).isEmpty();
        assertThat(second.groups().get(0).note()).isEqualTo("at least 1 stay");
      }
      long macs = LayerTable.of(network.graph()).macs();
      assertThatThrownBy(() -> most.budget(ChannelBudget.macs(macs - 1)).plan(scores))
          .hasMessageContaining(String.format("nearest %,d (all groups at their floor)", macs));
    }
  }

  /** A depthwise convolution makes two of its last channel, as any convolution of one would. */
  @Test
  void steps_afterAChannelsOutputsAreChannelsOfTheirOwn_keepThem() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues dense = Chain.of(manager).conv("conv1", 4, 1).conv("depthwise", 8, 4).network();
      ChannelGroups whole = ChannelGroups.of(dense.graph());
      ChannelSelection most =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.75))).reference(whole);
      ChannelPlan first = most.plan(ChannelScores.of(whole, ChannelUnit::number));
      ChannelGroups left = ChannelGroups.of(first.apply(dense, manager).graph());
      assertThat(left.groups().get(0).name()).isEqualTo("depthwise");
      ChannelPlan second = most.plan(ChannelScores.of(left, ChannelUnit::number));
      assertThat(second.obtained()).isEqualTo("3 of 4 leave");
      assertThat(second.groups().get(0).kept()).isEqualTo(2);
      assertThat(second.groups().get(0).note())
          .isEqualTo("they were no channels of the whole network");
    }
  }

  /** Two heads of three: where one of three is left, more heads are there than what is in them. */
  @Test
  void steps_withinHeads_goOnWithinHeadsByTheRulesOfTheWhole() {
    try (NDManager manager = NDManager.newBaseManager()) {
      SequentialBlock block = new SequentialBlock();
      block.addAll(Attention.separate(2, 2, 3));
      Shape image = new Shape(3, 4, 4);
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(image));
      NetworkValues dense = BlockTracer.network(block, image);
      ChannelGroups whole = ChannelGroups.of(dense.graph());
      ChannelSelection most =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.7))).reference(whole);
      ChannelPlan first = most.plan(ChannelScores.of(whole, ChannelUnit::number));
      assertThat(first.groups().get(0).removed()).containsExactly(0, 1);
      ModelGraph left = first.apply(dense, manager).graph();
      assertThat(ChannelGroups.of(left).free()).hasSize(2); // heads
      ChannelGroups alike = ChannelGroups.of(left, whole.lastingRules());
      assertThat(alike.free()).isEmpty();
      ChannelPlan second = most.plan(ChannelScores.of(alike, unit -> 1));
      assertThat(second.obtained()).isEqualTo("4 of 6 leave");
    }
  }

  /** Of two pieces of 2 and 6 channels the first loses one; the other stays, and has not left. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void steps_afterAPieceHasOneChannelLeft_countItAsThere(boolean together) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues dense = pieces(manager);
      ChannelGroups whole = ChannelGroups.of(dense.graph());
      ChannelSelection selection =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.125))).reference(whole);
      selection = together ? selection.global() : selection;
      ToDoubleFunction<ChannelUnit> scores = unit -> 100 * unit.group() + unit.number();
      ChannelPlan first = selection.plan(ChannelScores.of(whole, scores));
      assertThat(first.groups().get(0).removed()).first().isEqualTo(0);
      ChannelGroups left = ChannelGroups.of(first.apply(dense, manager).graph());
      ChannelPlan second =
          selection
              .budget(ChannelBudget.channels(Sparsity.of(0.5)))
              .plan(ChannelScores.of(left, scores));
      assertThat(second.groups().stream().mapToInt(ChannelPlan.Group::kept).sum() - 5).isEqualTo(9);
      assertThat(second.obtained()).isEqualTo("9 of 18 leave");
      if (!together) {
        assertThat(second.groups().stream().map(ChannelPlan.Group::kept))
            .containsExactly(4, 2, 3, 5);
      }
    }
  }

  /** Eight channels, of which one convolution reads the first two and another the others. */
  private static NetworkValues pieces(NDManager manager) {
    Block pieces =
        new ParallelBlock(
            results -> new NDList(NDArrays.concat(heads(results), 1)),
            List.of(
                new SequentialBlock().add(lambda(x -> x.get(":, :2"))).add(conv(4)),
                new SequentialBlock().add(lambda(x -> x.get(":, 2:"))).add(conv(6))));
    Block block =
        new SequentialBlock()
            .add(conv(8))
            .add(pieces)
            .add(lambda(x -> x.reshape(-1, 10, 16).mean(new int[] {2})))
            .add(Linear.builder().setUnits(5).build());
    Shape image = new Shape(3, 4, 4);
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(image));
    return BlockTracer.network(block, image);
  }

  private static NDList heads(List<NDList> results) {
    return new NDList(results.stream().map(NDList::head).toList());
  }

  private static Block lambda(Function<NDArray, NDArray> function) {
    return LambdaBlock.singleton(function);
  }

  private static Block conv(int filters) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .build();
  }

  @Test
  void axesThatWouldRunEmpty_areTheReasonThatFewerLeave() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelScores scores =
          ChannelScores.of(ChannelGroups.of(pieces(manager).graph()), ChannelUnit::number);
      ChannelSelection most =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.9))).minKeep(1);
      ChannelPlan.Group first = most.plan(scores).groups().get(0);
      assertThat(first.asked()).isEqualTo(7);
      assertThat(first.removed()).hasSize(6);
      assertThat(first.note()).isEqualTo("something of every axis stays");
      // 2 stay, and 4 is the next multiple
      assertThat(most.roundTo(4).plan(scores).groups().get(0).note())
          .isEqualTo("kept channels are multiples of 4");
    }
  }

  @Test
  void reference_ofAnotherNetwork_isRefused() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ChannelGroups small = ChannelGroups.of(Chain.convolutions(manager, 4, 4).graph());
      ChannelGroups large = ChannelGroups.of(Chain.convolutions(manager, 8, 8).graph());
      ChannelSelection selection =
          ChannelSelection.of(ChannelBudget.macs(0.5)).global().reference(small);
      assertThatThrownBy(() -> selection.plan(ChannelScores.of(large, unit -> 1)))
          .hasMessageStartingWith("shares of another network: ChannelSelection.reference; ");
    }
  }

  private static ChannelScores scored(ChannelGroups groups, List<List<Double>> scores) {
    return ChannelScores.of(groups, unit -> scores.get(unit.group()).get(unit.number()));
  }
}
