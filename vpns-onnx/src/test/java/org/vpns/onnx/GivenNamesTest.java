package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter.Type;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;

/** Names of inputs and results that a file gets, so that it can take another one's place. */
final class GivenNamesTest {
  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();
  private GraphBlock block;

  /** Of inputs x and y the sum, and its product with the weight w. */
  @BeforeEach
  void build() {
    ModelGraph.Builder graph = ModelGraph.builder();
    int x = graph.input(new Shape(-1, 3), DataType.FLOAT32);
    int y = graph.input(new Shape(-1, 3), DataType.FLOAT32);
    int w = graph.parameter("w", Type.WEIGHT, true, new Shape(2, 3), DataType.FLOAT32);
    int sum = add(graph, x, y);
    int product = graph.node("fc", new Layers.Linear(), List.of(sum, w)).get(0);
    block = SmallGraphs.block(graph.build(List.of(sum, product)), manager, 1);
  }

  private static int add(ModelGraph.Builder graph, int x, int y) {
    return graph.node("sum", new Elementwise.Binary(Elementwise.Pair.ADD), List.of(x, y)).get(0);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private GraphProto written(OnnxExport export) throws IOException {
    Path file = folder.resolve("network.onnx");
    export.write(file);
    return ModelProto.parseFrom(Files.readAllBytes(file)).getGraph();
  }

  private static List<String> names(List<ValueInfoProto> values) {
    return values.stream().map(ValueInfoProto::getName).toList();
  }

  @Test
  void names_thatAreGiven_areTheFiles_andReadAgain() throws IOException {
    GraphProto graph =
        written(
            Onnx.export(block).names(List.of("left image", "right/0"), List.of("both", "logits")));

    assertThat(names(graph.getInputList())).containsExactly("left image", "right/0");
    assertThat(names(graph.getOutputList())).containsExactly("both", "logits");
    try (Model model = Onnx.read(folder.resolve("network.onnx"))) {
      assertThat(model.getProperty(OnnxImport.INPUTS)).isEqualTo("left image\nright/0");
      assertThat(model.getProperty(OnnxImport.RESULTS)).isEqualTo("both\nlogits");
    }
  }

  @Test
  void names_thatAreNotGiven_areNumbered() throws IOException {
    GraphProto graph = written(Onnx.export(block));

    assertThat(names(graph.getInputList())).containsExactly("input0", "input1");
    assertThat(names(graph.getOutputList())).containsExactly("output0", "output1");
  }

  /** Whoever calls the network asks for its inputs by name; nobody so for a weight. */
  @Test
  void name_ofAParameter_isTheInputs_andTheParameterGetsAnother() throws IOException {
    GraphProto graph = written(Onnx.export(block).names(List.of("w", "sum"), List.of("a", "b")));

    assertThat(names(graph.getInputList())).containsExactly("w", "sum");
    assertThat(graph.getInitializerList()).extracting(TensorProto::getName).containsExactly("w_1");
  }

  @Test
  void names_thatDoNotFit_areRefused() {
    OnnxExport export = Onnx.export(block);
    Path file = folder.resolve("none.onnx");

    assertThatThrownBy(() -> export.names(List.of("x"), List.of("a", "b")).write(file))
        .hasMessage(
            "names do not fit the network: OnnxExport.names; expected 2 inputs and 2 results,"
                + " found [x] and [a, b]; give each of them a name, in the network's order.");
    assertThat(file).doesNotExist();
    assertThatThrownBy(() -> export.names(List.of("x", "y"), List.of("y", "z")))
        .hasMessageStartingWith("name given twice: OnnxExport.names; expected");
    assertThatThrownBy(() -> export.names(List.of("x", ""), List.of("y", "z")))
        .hasMessageStartingWith("empty name: OnnxExport.names; expected");
    assertThatThrownBy(
            () ->
                export
                    .names(List.of("x", "y"), List.of("a", "b"))
                    .names(List.of("x", "y"), List.of("a", "b")))
        .hasMessageStartingWith("option set twice: OnnxExport.names");
  }
}
