package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.op.Layers;
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

  /** It has convolutions of float32 and float16 alone. */
  @Test
  void network_ofDoubles_isRefusedWithTheReason() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ModelGraph.Builder graph = ModelGraph.builder();
      Shape one = new Shape(1, 1);
      int x = graph.input(new Shape(-1, 3, 4, 4), DataType.FLOAT64);
      Shape shape = new Shape(2, 3, 1, 1);
      int weight = graph.parameter("w", Parameter.Type.WEIGHT, true, shape, DataType.FLOAT64);
      Layers.Convolution conv = new Layers.Convolution(one, new Shape(0, 0), one, 1);
      ModelGraph built = graph.build(graph.node("conv", conv, List.of(x, weight)));
      NetworkValues network =
          NetworkValues.of(built, Map.of("w", manager.ones(shape, DataType.FLOAT64)));
      assertThatThrownBy(() -> OnnxRuntime.standard().newModel(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("network that ONNX Runtime does not run: OnnxRuntime; ")
          .hasMessageContaining("Could not find an implementation for Conv")
          .hasMessageContaining("convert the network to float32");
    }
  }

  @Test
  void threads_belowOne_areRefused() {
    assertThatThrownBy(() -> OnnxRuntime.standard().threads(0))
        .hasMessageContaining("OnnxRuntime.threads");
  }
}
