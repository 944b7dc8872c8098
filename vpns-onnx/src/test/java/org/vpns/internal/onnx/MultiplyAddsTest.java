package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.onnx.Onnx;

/** Multiply-adds of layers that a file has otherwise than the engine runs them, by hand. */
final class MultiplyAddsTest {
  private static final Shape KERNEL = new Shape(4, 3, 3, 3);

  @TempDir Path folder;

  private LayerTable[] tables(GraphProto.Builder graph, MaskSet masks) throws IOException {
    Path file = folder.resolve("network.onnx");
    Files.write(file, Models.model(13, graph).build().toByteArray());
    try (Model model = Onnx.open(file).quantisedAsFloats().read()) {
      GraphBlock block = (GraphBlock) model.getBlock();
      return new LayerTable[] {LayerTable.of(block.graph(), masks), LayerTable.of(block.network())};
    }
  }

  private static TensorProto ones(String name, Shape shape, int zeros) {
    float[] values = new float[(int) shape.size()];
    for (int i = zeros; i < values.length; i++) {
      values[i] = 1;
    }
    return floats(name, shape, values);
  }

  /** Attributes of a layer (N, 4, 5, 5) with weights (4, 3, 3, 3), or (4, 1, 3, 3) in groups. */
  record Case(String name, Shape weight, AttributeProto... attributes) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("plain", KERNEL),
        new Case("strides", KERNEL, numbers("strides", 2, 3)),
        new Case("padding", KERNEL, numbers("pads", 1, 1, 1, 1)),
        new Case("uneven", KERNEL, numbers("strides", 2, 2), numbers("pads", 0, 1, 1, 0)),
        new Case(
            "output padding",
            KERNEL,
            numbers("strides", 2, 2),
            numbers("pads", 1, 1, 1, 1),
            numbers("output_padding", 1, 1)),
        new Case("cut beyond the window", KERNEL, numbers("pads", 3, 3, 3, 3)),
        new Case("dilations", KERNEL, numbers("dilations", 2, 2)),
        new Case(
            "groups",
            new Shape(4, 1, 3, 3),
            number("group", 2),
            numbers("strides", 2, 2),
            numbers("pads", 1, 1, 1, 1)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void transposedConvolution_takesEachWeightOncePerInputPlace(Case at) throws IOException {
    NodeProto layer = node("ConvTranspose", List.of("x", "up.weight"), List.of("y"), at.attributes);
    GraphProto.Builder graph =
        Models.graph(-1, 4, 5, 5).addNode(layer).addInitializer(ones("up.weight", at.weight, 7));
    // 25 places, whatever lies between them: 25 * 4 * 27 = 2,700 for 108 weights, 900 for 36
    long size = at.weight.size();
    MaskSet masks = MaskSet.of(Map.of("up.weight", Mask.of(at.weight, i -> i % 4 == 0)));
    LayerTable[] tables = tables(graph, masks);
    for (LayerTable table : tables) {
      assertThat(table.macs()).isEqualTo(at.name.equals("groups") ? 900 : 2_700);
      assertThat(table.parameters()).isEqualTo(size);
      assertThat(table.layers()).hasSize(1);
    }
    assertThat(tables[0].keptMacs()).isEqualTo(25 * size / 4);
    assertThat(tables[1].keptMacs()).isEqualTo(25 * (size - 7));
  }

  private static NodeProto grid(String operator, String x, String y) {
    return node(operator, List.of(x, "scale", "zero"), List.of(y));
  }

  private static TensorProto zeroPoint() {
    return TensorProto.newBuilder().setName("zero").setDataType(3).addInt32Data(5).build();
  }

  @Test
  void weightsRoundedToAGrid_saveTheMultiplyAddsOfTheirZeros() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 2, 4, 4)
            .addNode(grid("QuantizeLinear", "conv.weight", "cq"))
            .addNode(grid("DequantizeLinear", "cq", "cd"))
            .addNode(node("Conv", List.of("x", "cd"), List.of("c")))
            .addNode(node("Flatten", List.of("c"), List.of("f")))
            .addNode(grid("QuantizeLinear", "fc.weight", "q"))
            .addNode(grid("DequantizeLinear", "q", "d"))
            .addNode(node("MatMul", List.of("f", "d"), List.of("y")))
            .addInitializer(floats("scale", new Shape(), 0.25f))
            .addInitializer(zeroPoint())
            .addInitializer(ones("conv.weight", new Shape(3, 2, 3, 3), 14))
            .addInitializer(ones("fc.weight", new Shape(12, 2), 4));
    MaskSet masks =
        MaskSet.of(
            Map.of(
                "conv.weight", Mask.of(new Shape(3, 2, 3, 3), i -> i < 10),
                "fc.weight", Mask.of(new Shape(12, 2), i -> i < 6)));
    LayerTable[] tables = tables(graph, masks);
    // 4 places of 54 weights, 1 of 24
    assertThat(tables[0].macs()).isEqualTo(4 * 54 + 24);
    assertThat(tables[0].keptMacs()).isEqualTo(4 * 10 + 6);
    assertThat(tables[1].keptMacs()).isEqualTo(4 * 40 + 20);
  }

  @Test
  void productsOfWeights_countInFull() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 12)
            .addNode(node("MatMul", List.of("a", "b"), List.of("w")))
            .addNode(node("MatMul", List.of("x", "w"), List.of("y")))
            .addInitializer(ones("a", new Shape(12, 3), 0))
            .addInitializer(ones("b", new Shape(3, 2), 0));
    for (LayerTable table : tables(graph, MaskSet.of(Map.of()))) {
      assertThat(table.macs()).isEqualTo(12 * 3 * 2 + 12 * 2);
    }
  }

  @Test
  void weightsWhoseZerosAreMoved_countInFull() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 12)
            .addNode(node("Add", List.of("fc.weight", "one"), List.of("w")))
            .addNode(node("MatMul", List.of("x", "w"), List.of("y")))
            .addInitializer(floats("one", new Shape(), 1))
            .addInitializer(ones("fc.weight", new Shape(12, 2), 4));
    MaskSet masks = MaskSet.of(Map.of("fc.weight", Mask.of(new Shape(12, 2), i -> i < 6)));
    for (LayerTable table : tables(graph, masks)) {
      assertThat(table.keptMacs()).isEqualTo(24);
    }
  }

  /**
   * Each of 3 steps takes 4 values and a state of 2 to 4 or 3 gates of 2, each way; the first state
   * of all is nothing, so no product takes it.
   */
  @ParameterizedTest
  @CsvSource({
    "LSTM, 4, false, forward",
    "LSTM, 4, true, forward",
    "LSTM, 4, true, bidirectional",
    "GRU, 3, true, reverse"
  })
  void recurrentLayer_takesItsWeightsInEachStep(
      String operator, int gates, boolean stateGiven, String direction) throws IOException {
    int ways = direction.equals("bidirectional") ? 2 : 1;
    int rows = 2 * gates;
    List<String> inputs = new ArrayList<>(List.of("x", "w", "r"));
    GraphProto.Builder graph = Models.graph(-1, 3, 4);
    if (stateGiven) {
      inputs.addAll(List.of("", "", "h"));
      graph.addInitializer(ones("h", new Shape(1, ways, 2), 0));
    }
    graph
        .addNode(
            node(
                operator,
                inputs,
                List.of("y"),
                number("hidden_size", 2),
                number("layout", 1),
                Models.text("direction", direction)))
        .addInitializer(ones("w", new Shape(ways, rows, 4), 0))
        .addInitializer(ones("r", new Shape(ways, rows, 2), 0));
    LayerTable[] tables = tables(graph, MaskSet.of(Map.of()));
    assertThat(tables[1].macs())
        .isEqualTo(ways * (3L * rows * 4 + (stateGiven ? 3L : 2L) * rows * 2));
  }
}
