package org.vpns.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.RandomBlocks;
import org.vpns.graph.trace.BlockTracer;

class LatencyTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NetworkValues network(long seed) {
    Block block = RandomBlocks.of(seed);
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(RandomBlocks.IMAGE));
    return BlockTracer.network(block, RandomBlocks.IMAGE);
  }

  /** Notes what happens; each pass takes as long as a busy wait of some milliseconds. */
  private final class Noting implements NetworkRuntime {
    private final List<String> events = new ArrayList<>();
    private final List<NetworkValues> known;
    private final int[] milliseconds;
    private final NetworkValues broken;

    Noting(List<NetworkValues> known, int[] milliseconds, NetworkValues broken) {
      this.known = known;
      this.milliseconds = milliseconds;
      this.broken = broken;
    }

    @Override
    public Session open(NetworkValues network, int batch) {
      if (network == broken) {
        throw new IllegalStateException("broken");
      }
      int number = known.indexOf(network);
      events.add("open " + number + " at " + batch);
      return new Session() {
        @Override
        public void run() {
          events.add("run " + number);
          long end = System.nanoTime() + milliseconds[number] * 1_000_000L;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        }

        @Override
        public void close() {
          events.add("close " + number);
        }
      };
    }

    @Override
    public String describe() {
      return "noting";
    }
  }

  @Test
  void milliseconds_ofTwoNetworks_areTimedInTurn() {
    List<NetworkValues> networks = List.of(network(1), network(2));
    Noting runtime = new Noting(networks, new int[] {3, 6}, null);

    double[] times = Latency.of(runtime).batch(4).rounds(3).milliseconds(networks);

    assertThat(times[0]).isGreaterThanOrEqualTo(3);
    assertThat(times[1]).isGreaterThanOrEqualTo(6);
    assertThat(runtime.events)
        .containsExactly(
            "open 0 at 4",
            "open 1 at 4", // then each is warmed
            "run 0",
            "run 0",
            "run 1",
            "run 1",
            "run 0",
            "run 1",
            "run 0",
            "run 1",
            "run 0",
            "run 1",
            "close 0",
            "close 1");
  }

  @Test
  void milliseconds_ofAShortPass_repeatIt() {
    NetworkValues network = network(1);
    Noting runtime = new Noting(List.of(network), new int[] {0}, null);

    double time = Latency.of(runtime).rounds(1).milliseconds(network);

    assertThat(time).isPositive().isLessThan(2);
    assertThat(runtime.events).hasSizeGreaterThan(10);
  }

  @Test
  void milliseconds_withANetworkThatDoesNotOpen_closesTheOthers() {
    NetworkValues good = network(1);
    NetworkValues bad = network(2);
    Noting runtime = new Noting(List.of(good, bad), new int[] {0, 0}, bad);

    assertThatThrownBy(() -> Latency.of(runtime).milliseconds(List.of(good, bad)))
        .hasMessage("broken");

    assertThat(runtime.events).containsExactly("open 0 at 1", "close 0");
  }

  @Test
  void engine_runsANetwork_andLeavesItAsItIs() {
    NetworkValues network = network(3);
    float[] before = network.array(network.graph().parameters().get(0)).toFloatArray();

    Latency latency = Latency.of(NetworkRuntime.engine()).batch(2).rounds(2);

    assertThat(latency.milliseconds(network)).isPositive();
    assertThat(network.array(network.graph().parameters().get(0)).toFloatArray()).isEqualTo(before);
    assertThat(latency).hasToString("PyTorch, batch 2, median of 2 rounds in turn");
  }

  @Test
  void options_outOfRange_areRefused() {
    Latency latency = Latency.of(NetworkRuntime.engine());
    assertThatThrownBy(() -> latency.batch(0))
        .hasMessage(
            "number out of range: Latency.batch; expected at least 1, found 0; leave it out for the"
                + " default.");
    assertThatThrownBy(() -> latency.rounds(0)).hasMessageContaining("Latency.rounds");
    assertThatThrownBy(() -> Latency.of(null)).hasMessageContaining("runtime");
  }
}
