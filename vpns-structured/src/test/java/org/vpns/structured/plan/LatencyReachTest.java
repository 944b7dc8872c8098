package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;

/** Times near those of the smallest network that floors allow, by times that are given. */
class LatencyReachTest extends GivenTimes {

  private LatencySearch search(ToDoubleFunction<ModelGraph> time) {
    return new LatencySearch(
        networks -> networks.stream().mapToDouble(n -> time.applyAsDouble(n.graph())).toArray(),
        "a test",
        network,
        groups);
  }

  /** Multiply-adds, and of the whole network's as many times more for all that is no layer. */
  private double withOverhead(ModelGraph graph, double times) {
    return macs(graph) + (graph.nodes().size() > 1 ? times * macs(network.graph()) : 0);
  }

  /** Every group at its floor: the default's tenth, of 16, 32 and 64 channels 2, 4 and 7. */
  private long leastMacs(ChannelSelection selection) {
    return selection.budget(new LeastCost(NetworkCost.macs())).plan(scores).after().macs();
  }

  @ParameterizedTest
  @CsvSource({"0.2, 1", "1, 1", "2, 1", "5, 1", "0.2, 4", "1, 4", "2, 4", "5, 4"})
  void search_whereTheSmallestNetworkAloneIsFastEnough_findsIt(double overhead, int multiple) {
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(1.0)).roundTo(multiple);
    double least = leastMacs(selection) + overhead * macs(network.graph());
    LatencySearch.Found found =
        search(g -> withOverhead(g, overhead)).plan(selection, scores, least);

    assertThat(found.after()).isEqualTo(least);
  }

  /** Not the bound for the forecast that the plan was made under. */
  @Test
  void plan_tellsTheTimeThatWasAskedFor_andTheOneThatWasMeasured() {
    double unit = 1 / macs(network.graph());
    LatencySearch.Found found =
        search(g -> unit * withOverhead(g, 1))
            .plan(ChannelSelection.of(ChannelBudget.macs(1.0)), scores, 1.5);

    assertThat(found.plan().asked()).isEqualTo("at most 1.5 of 2 milliseconds");
    assertThat(Double.parseDouble(found.plan().obtained()))
        .isCloseTo(found.after(), offset(1e-3)); // four digits
    assertThat(found.after()).isBetween(1.4, 1.5);
  }

  @Test
  void search_belowTheForecastOfTheSmallest_findsItWhereItIsFastEnough() {
    double whole = macs(network.graph());
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(1.0));
    // small networks fit into a cache: half of what their layers take alone
    LatencySearch search =
        search(g -> g.nodes().size() > 1 && macs(g) < whole / 3 ? macs(g) / 2 : macs(g));
    double least = leastMacs(selection) / 2.0;

    assertThat(search.plan(selection, scores, least).after()).isEqualTo(least);
  }

  @Test
  void search_outOfReach_saysWhatTheSmallestNetworkTakes() {
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(1.0)).global();
    double unit = 1 / macs(network.graph());
    LatencySearch search = search(g -> 10 * unit * withOverhead(g, 0.5));
    String least = String.format("%.3f", 10 * unit * leastMacs(selection) + 5);

    for (double most : new double[] {0.5, 5, 5.05}) {
      assertThatThrownBy(() -> search.plan(selection, scores, most))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "latency out of reach: LatencySearch.plan, a test; expected at most "
                  + most
                  + " ms, found nearest "
                  + least
                  + " ms of ")
          .hasMessageContaining("(all groups at their floor); lower minKeep or roundTo,");
    }
  }

  @Test
  void search_whereNothingCanLeave_saysWhy() {
    ChannelRules rules = ChannelRules.standard();
    for (GraphNode node : network.graph().nodes()) {
      rules = rules.keepOutputs(node.name());
    }
    groups = ChannelGroups.of(network.graph(), rules);
    ChannelScores none = ChannelScores.of(groups, unit -> 1);

    assertThatThrownBy(
            () -> search(g -> 10).plan(ChannelSelection.of(ChannelBudget.macs(1.0)), none, 9))
        .hasMessageContaining("found nearest 10.000 ms of 1 plan that was timed")
        .hasMessageContaining("no channel can leave; the first stays: ");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void search_forNoTime_isRefused(double milliseconds) {
    LatencySearch search = search(LatencyReachTest::macs);
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(1.0));

    assertThatThrownBy(() -> search.plan(selection, scores, milliseconds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected above 0 ms, found " + milliseconds);
  }
}
