package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;

/** Forecasts and plans by times that are given, so that they can be checked exactly. */
class LayerTimesTest extends GivenTimes {
  private final List<Integer> asked = new ArrayList<>();

  private double[] all(List<NetworkValues> networks, ToDoubleFunction<ModelGraph> time) {
    asked.add(networks.size());
    return networks.stream().mapToDouble(n -> time.applyAsDouble(n.graph())).toArray();
  }

  @Test
  void forecast_whereTimeIsMultiplyAdds_isExact() {
    LayerTimes times = LayerTimes.measure(n -> all(n, g -> 1e-6 * macs(g)), network, groups);
    ModelGraph smaller =
        ChannelSelection.of(ChannelBudget.macs(0.4))
            .global()
            .plan(scores)
            .apply(network, manager)
            .graph();

    assertThat(times.whole()).isEqualTo(1e-6 * macs(network.graph()));
    // sums of a dozen doubles
    assertThat(times.of(network.graph())).isCloseTo(times.whole(), within(1e-12));
    assertThat(times.of(smaller)).isCloseTo(1e-6 * macs(smaller), within(1e-9));
  }

  @Test
  void forecast_whereAnImageIsSeveralFramesAndRows_isExact() {
    Block block =
        new SequentialBlock()
            .add(LambdaBlock.singleton(x -> x.reshape(-1, 2, 4, 4)))
            .add(Conv2d.builder().setFilters(8).setKernelShape(new Shape(3, 3)).build())
            .add(
                LambdaBlock.singleton(
                    x -> x.reshape(-1, 8, 4).mean(new int[] {2}))) // a row for each frame
            .add(Linear.builder().setUnits(16).build())
            .add(LambdaBlock.singleton(x -> x.reshape(-1, 5, 16).mean(new int[] {1})))
            .add(Linear.builder().setUnits(4).build());
    Shape image = new Shape(5, 2, 4, 4);
    block.initialize(manager, DataType.FLOAT32, new Shape(2).addAll(image));
    NetworkValues folded = BlockTracer.network(block, image);
    ChannelGroups own = ChannelGroups.of(folded.graph());
    LayerTimes times = LayerTimes.measure(n -> all(n, g -> 1e-6 * macs(g)), folded, own);
    ChannelPlan plan =
        ChannelSelection.of(ChannelBudget.macs(0.5)).plan(ChannelScores.of(own, unit -> 1));

    assertThat(plan.before().macs()).isEqualTo(5 * (4 * 144 + 128) + 64);
    assertThat(plan.after().macs())
        .isLessThanOrEqualTo(plan.before().macs() / 2)
        .isEqualTo((long) macs(plan.apply(folded, manager).graph()));
    // sums of a few doubles
    assertThat(times.of(plan.apply(folded, manager).graph()))
        .isCloseTo(1e-6 * plan.after().macs(), within(1e-12));
  }

  @Test
  void forecast_withOverheadOfTheWhole_isScaledToIt() {
    // what is no layer takes as long as all layers together
    LayerTimes times =
        LayerTimes.measure(
            n -> all(n, g -> (g.nodes().size() > 1 ? 2e-6 : 1e-6) * macs(g)), network, groups);

    assertThat(times.whole()).isEqualTo(2e-6 * macs(network.graph()));
    assertThat(times.of(network.graph())).isCloseTo(times.whole(), within(1e-12));
  }

  @Test
  void measure_timesEachLayerOnce_inTurnWithTheNetwork() {
    LayerTimes.measure(n -> all(n, g -> 1), network, groups);

    assertThat(asked).hasSize(1);
    // the network, and at most five widths of each distinct layer
    long layers =
        network.graph().nodes().stream()
            .filter(node -> List.of("conv", "linear").contains(node.operator().kind()))
            .count();
    assertThat(asked.get(0)).isBetween(2 + 5, (int) (1 + 5 * layers));
  }

  @Test
  void forecast_whereASmallerLayerIsMeasuredSlower_doesNotFallWithMultiplyAdds() {
    LayerTimes times = LayerTimes.measure(n -> all(n, g -> 1 / (1 + macs(g))), network, groups);
    ModelGraph smaller =
        ChannelSelection.of(ChannelBudget.macs(0.4))
            .global()
            .plan(scores)
            .apply(network, manager)
            .graph();

    assertThat(times.of(smaller)).isLessThanOrEqualTo(times.of(network.graph()));
  }

  @Test
  void search_whereTheForecastIsTooLow_goesOnUntilTheNetworkIsFastEnough() {
    // a constant that no layer has: half of the whole network's time
    double constant = 1e-6 * macs(network.graph());
    LatencySearch search =
        new LatencySearch(
            n -> all(n, g -> (g.nodes().size() > 1 ? constant : 0) + 1e-6 * macs(g)),
            "a test",
            network,
            groups);

    LatencySearch.Found found =
        search.plan(ChannelSelection.of(ChannelBudget.macs(1.0)).global(), scores, 1.4 * constant);

    assertThat(found.before()).isEqualTo(2 * constant);
    assertThat(found.after())
        .isEqualTo(constant + 1e-6 * found.plan().after().macs())
        .isLessThanOrEqualTo(1.4 * constant);
    assertThat(found.tries()).isGreaterThan(1);
    assertThat(search.times().whole()).isEqualTo(2 * constant);
  }

  /**
   * What is no layer takes half of the whole network's time, so that one forecast is not enough.
   */
  private double withOverhead(ModelGraph graph) {
    return (graph.nodes().size() > 1 ? 1e-6 * macs(network.graph()) : 0) + 1e-6 * macs(graph);
  }

  /** Under which calls after each other give times that are not the networks'. */
  private LatencySearch.Found foundWhere(IntFunction<DoubleUnaryOperator[]> disturbance) {
    Function<List<NetworkValues>, double[]> watch =
        networks -> {
          DoubleUnaryOperator[] disturbed = disturbance.apply(asked.size());
          double[] result = all(networks, this::withOverhead);
          for (int i = 0; i < Math.min(2, result.length); i++) {
            result[i] = disturbed[i].applyAsDouble(result[i]);
          }
          return result;
        };
    LatencySearch search = new LatencySearch(watch, "a test", network, groups);
    double most = 0.7 * withOverhead(network.graph());
    return search.plan(ChannelSelection.of(ChannelBudget.macs(1.0)).global(), scores, most);
  }

  @Test
  void search_whereOneCallIsDisturbed_findsTheSameNetwork() {
    DoubleUnaryOperator as = time -> time;
    LatencySearch.Found quiet = foundWhere(call -> new DoubleUnaryOperator[] {as, as});
    int calls = asked.size();
    double most = 0.7 * withOverhead(network.graph());
    // a channel of this network is far less than a twentieth of it
    assertThat(quiet.after()).isBetween(0.95 * most, most);
    for (int k = 1; k < calls; k++) {
      int at = k;
      for (double factor : new double[] {0.2, 5}) {
        DoubleUnaryOperator other = time -> factor * time;
        for (DoubleUnaryOperator[] way :
            new DoubleUnaryOperator[][] {{as, other}, {other, as}, {other, other}}) {
          asked.clear();
          LatencySearch.Found found =
              foundWhere(call -> call == at ? way : new DoubleUnaryOperator[] {as, as});
          assertThat(found.plan()).as("call %d by %s", at, factor).isEqualTo(quiet.plan());
          assertThat(found.after()).isEqualTo(quiet.after());
        }
      }
    }
  }

  @Test
  void search_whereTheMachineBecomesSlower_findsTheSameNetwork() {
    DoubleUnaryOperator as = time -> time;
    LatencySearch.Found quiet = foundWhere(call -> new DoubleUnaryOperator[] {as, as});
    asked.clear();
    // all calls but those that time the whole network and the layers
    DoubleUnaryOperator slower = time -> 2 * time;
    LatencySearch.Found busy =
        foundWhere(
            call ->
                call < 3
                    ? new DoubleUnaryOperator[] {as, as}
                    : new DoubleUnaryOperator[] {slower, slower});

    assertThat(busy).isEqualTo(quiet);
  }

  @Test
  void search_whereTheForecastIsTooHigh_growsAgain() {
    double whole = macs(network.graph());
    // at half of the multiply-adds a quarter of the time
    LatencySearch search =
        new LatencySearch(n -> all(n, g -> macs(g) / whole * macs(g)), "a test", network, groups);
    LatencySearch.Found found =
        search.plan(ChannelSelection.of(ChannelBudget.macs(1.0)).global(), scores, 0.5 * whole);

    assertThat(found.after()).isBetween(0.95 * 0.5 * whole, 0.5 * whole);
    assertThat(found.tries()).isGreaterThan(1);
  }

  @Test
  void search_whereNoNetworkIsNearTheBudget_findsTheLargestUnderIt() {
    double whole = macs(network.graph());
    // above a third of the multiply-adds as slow as the whole, below it fast
    LatencySearch search =
        new LatencySearch(
            n -> all(n, g -> g.nodes().size() > 1 && macs(g) > whole / 3 ? whole : macs(g) / 10),
            "a test",
            network,
            groups);
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(1.0)).roundTo(8);
    LatencySearch.Found found = search.plan(selection, scores, 0.8 * whole);

    ChannelPlan largest = selection.budget(ChannelBudget.macs(1.0 / 3)).plan(scores);
    assertThat(found.plan().after()).isEqualTo(largest.after());
  }

  @Test
  void forecast_whereTheNarrowestWidthsAreDisturbed_isThatOfTheOthers() {
    LayerTimes quiet = LayerTimes.measure(n -> all(n, g -> 1e-6 * macs(g)), network, groups);
    Set<Double> narrowest = new HashSet<>();
    LayerTimes disturbed =
        LayerTimes.measure(
            networks -> {
              double[] times = all(networks, g -> 1e-6 * macs(g));
              // a layer's widths stand after each other, the eighth last
              for (int i = 2; i < times.length; i++) {
                if (i + 1 == times.length || times[i + 1] > times[i]) {
                  narrowest.add(times[i]);
                  times[i] *= 1000;
                }
              }
              return times;
            },
            network,
            groups);
    ModelGraph half =
        ChannelSelection.of(ChannelBudget.macs(0.5)).plan(scores).apply(network, manager).graph();

    assertThat(narrowest).hasSizeGreaterThan(3);
    // no layer of that network is as narrow; sums of a dozen doubles
    assertThat(disturbed.of(half)).isCloseTo(quiet.of(half), within(1e-9));
  }

  @Test
  void search_outOfReach_saysHowNearItCame() {
    LatencySearch search =
        new LatencySearch(
            n -> all(n, g -> g.nodes().size() > 1 ? 10 : 1), "a test", network, groups);

    assertThatThrownBy(
            () -> search.plan(ChannelSelection.of(ChannelBudget.macs(1.0)).global(), scores, 9.99))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("out of reach");
  }

  @Test
  void search_onTheEngine_findsAPlan() {
    Latency latency = Latency.of(NetworkRuntime.engine()).rounds(2);
    LatencySearch search = LatencySearch.of(latency, network, groups);

    // any network is faster than that
    LatencySearch.Found found =
        search.plan(ChannelSelection.of(ChannelBudget.macs(1.0)).global(), scores, 1e6);

    assertThat(found.after()).isPositive();
    assertThat(found.plan().before()).isEqualTo(found.plan().after());
    assertThat(found.tries()).isEqualTo(1);
  }
}
