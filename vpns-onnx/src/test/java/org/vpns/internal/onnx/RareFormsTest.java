package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.ramp;
import static org.vpns.internal.onnx.Models.real;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OrtFile;
import org.vpns.testing.Engines;

/** Forms of operators that few exporters write: right, or refused with operator and node. */
final class RareFormsTest {
  @TempDir Path folder;

  private Path file(int opset, GraphProto.Builder graph) throws IOException {
    Path file = folder.resolve("rare.onnx");
    return Files.write(file, Models.model(opset, graph).build().toByteArray());
  }

  /** PyTorch lets a module be called anything without a dot. */
  @Test
  void namesOfOtherScripts_andWithSpaces_areKept() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 1, 4)
            .addNode(node("Conv", List.of("x", "слой.weight"), List.of("a")))
            .addNode(node("Conv", List.of("a", "my stem.0.weight"), List.of("b")))
            .addNode(
                node("Conv", List.of("b", "onnx::Conv_9"), List.of("y")).toBuilder()
                    .setName("/層 1/Conv"));
    for (String name : List.of("слой.weight", "my stem.0.weight", "onnx::Conv_9")) {
      graph.addInitializer(Models.ramp(name, new Shape(1, 1, 1)));
    }
    try (Model model = Onnx.read(file(13, graph))) {
      assertThat(ParameterPaths.of(model.getBlock()).list().stream().map(NamedParameter::path))
          .containsExactly("слой.weight", "my stem.0.weight", "層 1.weight");
    }
  }

  /** For one image, as exporters leave it of a branch that was taken out. */
  @Test
  void concatWithAnEmptyConstant_isWhatTheOthersAre() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 2)
            .addNode(node("Neg", List.of("x"), List.of("n")))
            .addNode(node("Concat", List.of("n", "e"), List.of("y"), Models.number("axis", 1)))
            .addInitializer(Models.floats("e", new Shape(1, 0)));
    try (Model model = Onnx.read(file(13, graph))) {
      assertThat(
              Engines.forward(model.getBlock(), new float[] {1, 2, 3, 4}, new Shape(2, 2), false))
          .containsExactly(-1, -2, -3, -4);
    }
  }

  @Test
  void slice_ofOldFormOverAllImages_isOpened() throws IOException {
    GraphProto.Builder graph =
        Models.graph(1, 4)
            .addNode(
                node(
                    "Slice",
                    List.of("x"),
                    List.of("y"),
                    numbers("starts", 0, 1),
                    numbers("ends", 1, 3)));
    try (Model model = Onnx.read(file(9, graph))) {
      float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
      assertThat(Engines.forward(model.getBlock(), x, new Shape(3, 4), false))
          .containsExactly(2, 3, 6, 7, 10, 11);
    }
  }

  @Test
  void slice_ofOldFormOverSomeImages_isRefusedWithItsNode() throws IOException {
    NodeProto slice =
        node(
            "Slice",
            List.of("x"),
            List.of("y"),
            numbers("axes", 0),
            numbers("starts", 1),
            numbers("ends", 2));
    Path file = file(9, Models.graph(2, 4).addNode(slice));
    assertThatThrownBy(() -> Onnx.read(file))
        .hasMessageContaining("fixed batch cannot be opened")
        .hasMessageContaining("node 0, Slice; expected all 2 positions of axis 0");
  }

  @Test
  void reduction_overImagesThatLieBehindOthers_isRefusedWithItsNode() throws IOException {
    GraphProto.Builder graph =
        Models.graph(1, 4)
            .addNode(node("Transpose", List.of("x"), List.of("t")))
            .addNode(node("Reshape", List.of("t", "flat"), List.of("f")))
            .addNode(node("ReduceMean", List.of("f"), List.of("y"), numbers("axes", 1)))
            .addInitializer(longs("flat", 1, -1));
    Path file = file(13, graph);
    assertThatThrownBy(() -> Onnx.read(file))
        .hasMessageContaining("node 2, ReduceMean; expected axes other than that of the images")
        .hasMessageContaining("Onnx.open(file).batch(1).read()");
    try (Model model = Onnx.open(file).batch(1).read()) {
      float[] x = {1, 2, 3, 6};
      assertThat(Engines.forward(model.getBlock(), x, new Shape(1, 4), false)).containsExactly(3);
    }
  }

  @Test
  void scatter_thatCombines_isRefusedWithItsNode() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(
                node("ScatterND", List.of("x", "i", "u"), List.of("y"), text("reduction", "add")))
            .addInitializer(longs("i", 1))
            .addInitializer(floats("u", new Shape(1), 1));
    Path file = file(16, graph);
    assertThatThrownBy(() -> Onnx.read(file))
        .hasMessageContaining("node 0, ScatterND; expected reduction 'none', found 'add'");
  }

  private static AttributeProto activations(String... names) {
    return AttributeProto.newBuilder()
        .setName("activations")
        .setType(AttributeType.STRINGS)
        .addAllStrings(Arrays.stream(names).map(ByteString::copyFromUtf8).toList())
        .build();
  }

  /** Images (N, 3, 2): three steps of two numbers, to the last state of 4. */
  private static GraphProto.Builder layer(String kind, AttributeProto... attributes) {
    int gates = kind.equals("LSTM") ? 16 : kind.equals("GRU") ? 12 : 4;
    AttributeProto[] all = Arrays.copyOf(attributes, attributes.length + 1);
    all[attributes.length] = number("hidden_size", 4);
    return Models.graph(-1, 3, 2)
        .addNode(node("Transpose", List.of("x"), List.of("s"), numbers("perm", 1, 0, 2)))
        .addNode(node(kind, List.of("s", "w", "r", "b"), List.of("", "h"), all))
        .addNode(node("Transpose", List.of("h"), List.of("y"), numbers("perm", 1, 0, 2)))
        .addInitializer(ramp("w", new Shape(1, gates, 2)))
        .addInitializer(ramp("r", new Shape(1, gates, 4)))
        .addInitializer(ramp("b", new Shape(1, 2 * gates)));
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM, Sigmoid Tanh Tanh",
    "LSTM, HardSigmoid Relu Tanh",
    "GRU, Sigmoid Tanh",
    "GRU, HardSigmoid Relu",
    "RNN, Tanh",
    "RNN, Relu"
  })
  void layer_withFunctionsWrittenDown_givesWhatTheRuntimeGives(String kind, String functions)
      throws IOException {
    AttributeProto[] attributes = {activations(functions.split(" "))};
    if (functions.contains("Hard")) {
      AttributeProto alpha = Models.reals("activation_alpha", 0.2f);
      AttributeProto beta = Models.reals("activation_beta", 0.5f);
      attributes = new AttributeProto[] {attributes[0], alpha, beta};
    }
    Path file = file(14, layer(kind, attributes));
    Shape shape = new Shape(2, 3, 2);
    double[] x = IntStream.range(0, 12).mapToDouble(i -> (i * 5 % 12 - 6) / 4.0).toArray();
    float[] floats = new float[x.length];
    IntStream.range(0, x.length).forEach(i -> floats[i] = (float) x[i]);
    double[] expected;
    try (OrtFile ort = OrtFile.open(file)) {
      expected = ort.run(List.of(new OrtFile.Values(shape, DataType.FLOAT32, x))).get(0).numbers();
    }
    try (Model model = Onnx.read(file)) {
      float[] found = Engines.forward(model.getBlock(), floats, shape, false);
      for (int i = 0; i < found.length; i++) {
        // three steps in single precision
        assertThat((double) found[i]).isCloseTo(expected[i], within(1e-5));
      }
    }
  }

  @Test
  void layer_withOtherFunctionsOrALimit_isRefusedWithItsNode() throws IOException {
    Path affine = file(14, layer("LSTM", activations("Affine", "Tanh", "Tanh")));
    assertThatThrownBy(() -> Onnx.read(affine))
        .hasMessageContaining("functions of the gates not supported")
        .hasMessageContaining("node 1, LSTM; expected 3 of [sigmoid, tanh, relu, hardsigmoid]");
    Path limited = file(14, layer("GRU", real("clip", 3)));
    assertThatThrownBy(() -> Onnx.read(limited))
        .hasMessageContaining("limit of the gates not supported")
        .hasMessageContaining("node 1, GRU");
    Path steep =
        file(
            14,
            layer(
                "GRU", activations("HardSigmoid", "Tanh"), Models.reals("activation_alpha", 0.3f)));
    assertThatThrownBy(() -> Onnx.read(steep))
        .hasMessageContaining("'activation_alpha'")
        .hasMessageContaining("node 1, GRU; expected 0.2, found 0.3");
  }

  @Test
  void gather_ofManyScatteredPlaces_isRightAsANetwork() throws IOException {
    // backwards: no two places make a run
    long[] places = IntStream.range(0, 97).mapToLong(i -> 99L - i).toArray();
    GraphProto.Builder graph =
        Models.graph(-1, 100)
            .addNode(node("Gather", List.of("x", "i"), List.of("y"), number("axis", 1)))
            .addInitializer(longs("i", places));
    float[] x = new float[200];
    IntStream.range(0, x.length).forEach(i -> x[i] = i);
    Path again = folder.resolve("again.onnx");
    float[] expected = new float[2 * places.length];
    IntStream.range(0, expected.length)
        .forEach(i -> expected[i] = i / places.length * 100 + places[i % places.length]);
    try (Model model = Onnx.read(file(13, graph))) {
      assertThat(Engines.forward(model.getBlock(), x, new Shape(2, 100), false))
          .isEqualTo(expected);
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    try (Model model = Onnx.read(again)) {
      assertThat(Engines.forward(model.getBlock(), x, new Shape(2, 100), false))
          .isEqualTo(expected);
    }
  }
}
