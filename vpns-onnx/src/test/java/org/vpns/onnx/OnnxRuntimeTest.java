package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.model.ResNets;

class OnnxRuntimeTest {
  @Test
  void milliseconds_ofANetwork_areMeasuredAndNothingIsLeft() throws IOException {
    List<Path> before = leftovers();
    try (Model model = ResNets.small().newModel("latency", 1)) {
      NetworkValues network =
          BlockTracer.network(model.getBlock(), ResNets.small().inputShape().slice(1));
      Latency latency = Latency.of(OnnxRuntime.standard()).batch(3).rounds(2);

      assertThat(DoubleStream.of(latency.milliseconds(List.of(network, network))))
          .allMatch(time -> time > 0);
      assertThat(latency)
          .hasToString("ONNX Runtime, 1 thread, batch 3, median of 2 rounds in turn");
    }
    assertThat(leftovers()).containsExactlyInAnyOrderElementsOf(before);
  }

  private static List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(f -> f.getFileName().toString().startsWith("vpns-latency")).toList();
    }
  }

  @Test
  void threads_belowOne_areRefused() {
    assertThatThrownBy(() -> OnnxRuntime.standard().threads(0))
        .hasMessageContaining("OnnxRuntime.threads");
  }
}
