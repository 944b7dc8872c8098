package org.vpns.examples.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.model.ResNets;
import picocli.CommandLine;

/** Channels that are chosen by what networks take. */
class GivenChannelsTest {
  /** Runs nothing, and knows the networks of single layers that it was to run. */
  private static final class Layers implements NetworkRuntime {
    private final List<String> timed = new ArrayList<>();

    @Override
    public Session open(NetworkValues network, int batch) {
      if (network.graph().nodes().size() == 1) {
        timed.add(network.graph().fingerprint());
      }
      return new Session() {
        @Override
        public void run() {}

        @Override
        public void close() {}
      };
    }

    @Override
    public String describe() {
      return "nothing";
    }
  }

  @Test
  void layers_areTimedOnce_whereWidthsOfFourAreTooSlow() {
    GivenBudget budget = new GivenBudget();
    new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(budget))
        .parseArgs("--latency", "0.000000000001ms");
    Layers layers = new Layers();
    try (Model model = ResNets.small().newModel("timed", 1)) {
      NetworkValues network =
          BlockTracer.network(model.getBlock(), ResNets.small().inputShape().slice(1));
      assertThatThrownBy(
              () -> new GivenChannels().plan(network, budget, Latency.of(layers).rounds(1), 1))
          .hasMessageStartingWith("latency out of reach: ");
    }
    assertThat(layers.timed).isNotEmpty().doesNotHaveDuplicates();
  }
}
