package org.vpns.examples.shrink;

import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import picocli.CommandLine.Option;

/** How passes are timed. */
final class GivenTiming {
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

  Latency latency() {
    return Latency.of(OnnxRuntime.standard().threads(threads)).batch(batch);
  }
}
