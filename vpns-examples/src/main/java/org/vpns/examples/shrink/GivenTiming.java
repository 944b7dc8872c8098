package org.vpns.examples.shrink;

import java.util.List;
import java.util.stream.Stream;
import org.vpns.graph.NetworkValues;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import picocli.CommandLine.Option;

/** How passes are timed. */
final class GivenTiming {
  /** How often a gain is timed. */
  private static final int TIMINGS = 5;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads when passes are timed (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private int threads;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images in a pass that is timed (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private int batch;

  /**
   * Milliseconds of networks, all in turn, several times: what else a machine does may slow one of
   * them for as long as one timing takes.
   */
  List<double[]> gains(List<NetworkValues> networks) {
    return Stream.generate(() -> latency().milliseconds(networks)).limit(TIMINGS).toList();
  }

  Latency latency() {
    return Latency.of(OnnxRuntime.standard().threads(threads)).batch(batch);
  }
}
