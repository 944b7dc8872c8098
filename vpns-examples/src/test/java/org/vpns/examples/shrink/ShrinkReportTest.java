package org.vpns.examples.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.Sparsity;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.model.ResNets;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;

/** What is told of times that scatter. */
class ShrinkReportTest {
  @Test
  void times_ofAMachineWithOtherWork_areThoseOfTheMedianGain_andTellHowFarTheyScatter() {
    try (Model model = ResNets.small().newModel("times", 1)) {
      ChannelGroups groups =
          ChannelGroups.of(
              BlockTracer.trace(model.getBlock(), ResNets.small().inputShape().slice(1)));
      ChannelPlan plan =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0)))
              .plan(ChannelScores.of(groups, unit -> 1));
      ShrinkReport report = new ShrinkReport(new GivenChannels.Chosen(plan, 1, ""));
      // gains of 1.5, 0.5, 1.25, 2 and 1
      report.times(
          List.of(
              new double[] {3, 2},
              new double[] {1, 2},
              new double[] {2.5, 2},
              new double[] {4, 2},
              new double[] {1, 1}),
          Latency.of(NetworkRuntime.engine()));

      assertThat(report.found())
          .startsWith("2.500 => 2.000 ms, 1.25 times as fast (")
          .endsWith("; 0.50 to 2.00 in 5 timings)");
    }
  }
}
