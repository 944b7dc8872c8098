package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.model;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.port;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.internal.onnx.OnnxFile.Item;
import org.vpns.testing.OpenResources;
import org.vpns.testing.OpenResources.Fault;

/** Memory that runs out in any node of any pass of an import: nothing stays open. */
final class FailedImportTest {
  /** The file whose nodes ask the fault before they run. */
  private static OnnxFile failing(OnnxFile file, Fault fault) {
    List<Item> nodes =
        file.nodes().stream()
            .map(
                item ->
                    new Item(
                        item.node(),
                        in -> {
                          fault.point();
                          return item.step().run(in);
                        },
                        item.onHost()))
            .toList();
    return new OnnxFile(
        file.source(),
        file.opset(),
        file.producer(),
        nodes,
        file.tensors(),
        file.constants(),
        file.inputs(),
        file.outputs());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, -1})
  void network_thatFailsInAnyNode_leavesNothingOpen(long batch) throws Exception {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("g")
            .addInput(port("x", batch, 1, 4, 4))
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .addInitializer(floats("w", new Shape(2, 1, 1, 1), 1, 2))
            .addInitializer(longs("s", 1, 1, 1, 1))
            .addNode(node("ConstantOfShape", List.of("s"), List.of("c")))
            .addNode(node("Conv", List.of("x", "w"), List.of("a")))
            .addNode(node("Add", List.of("a", "c"), List.of("b")))
            .addNode(node("Relu", List.of("b"), List.of("r")))
            .addNode(node("GlobalAveragePool", List.of("r"), List.of("y")));
    OnnxFile file = OnnxReader.parse(model(17, graph).build().toByteArray(), "small");
    try (Model model = Model.newInstance("small")) {
      int failures =
          OpenResources.requireNoneLeft(
              model.getNDManager(),
              fault ->
                  OnnxNetwork.of(
                          failing(file, fault),
                          model.getNDManager(),
                          OnnxOptions.keeping(name -> false))
                      .block()
                      .clear());
      // one fold, then passes of four nodes: at least three of the tracer
      assertThat(failures).isGreaterThanOrEqualTo(1 + 3 * 4);
    }
  }
}
