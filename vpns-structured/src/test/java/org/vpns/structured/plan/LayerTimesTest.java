package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.model.ResNets;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;

/** Forecasts and plans by times that are given, so that they can be checked exactly. */
class LayerTimesTest {
  private Model model;
  private NDManager manager;
  private NetworkValues network;
  private ChannelGroups groups;
  private ChannelScores scores;
  private final List<Integer> asked = new ArrayList<>();

  @BeforeEach
  void open() {
    model = ResNets.small().newModel("times", 1);
    manager = NDManager.newBaseManager();
    network = BlockTracer.network(model.getBlock(), ResNets.small().inputShape().slice(1));
    groups = ChannelGroups.of(network.graph());
    scores = ChannelScores.of(groups, unit -> 1 + unit.number());
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private double[] all(List<NetworkValues> networks, ToDoubleFunction<ModelGraph> time) {
    asked.add(networks.size());
    return networks.stream().mapToDouble(n -> time.applyAsDouble(n.graph())).toArray();
  }

  private static double macs(ModelGraph graph) {
    return LayerTable.of(graph).macs();
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
