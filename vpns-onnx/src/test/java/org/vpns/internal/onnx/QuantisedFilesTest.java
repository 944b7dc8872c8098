package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.io.FormatException;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxImport;
import org.vpns.onnx.OrtFile;
import org.vpns.testing.Engines;

/**
 * Networks that were quantised in the form of pairs of QuantizeLinear and DequantizeLinear, against
 * ONNX Runtime. All scales are powers of 2 and all numbers small, so that both compute exactly; the
 * runtime wants one zero point for all of a weight.
 */
final class QuantisedFilesTest {
  private static final int INT8 = 3;
  private static final int UINT8 = 2;
  private static final int INT32 = 6;
  private static final Shape IMAGES = new Shape(3, 2, 4, 4);
  private static final int[] WEIGHTS = cycle(54, i -> i * 7 % 11 - 5);
  private static final int[] ZEROS = {1, 1, 1};
  private static final float[] SCALES = {0.5f, 0.25f, 0.125f};

  @TempDir Path folder;

  private static int[] cycle(int length, IntUnaryOperator value) {
    return IntStream.range(0, length).map(value).toArray();
  }

  private static TensorProto integers(String name, int type, Shape shape, int... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type)
        .addAllDims(Longs.asList(shape.getShape()))
        .addAllInt32Data(Ints.asList(values))
        .build();
  }

  private static TensorProto single(String name, float value) {
    return floats(name, new Shape(), value);
  }

  private static NodeProto pair(String operator, String x, String grid, String y) {
    return node(operator, List.of(x, grid + "_scale", grid + "_zero"), List.of(y));
  }

  /** Images and what follows the ReLU are rounded, each weight is stored in a way of its own. */
  private static GraphProto.Builder network(int... weights) {
    List<String> grid = List.of("conv.weight_quantized", "w_scale", "w_zero");
    List<String> bias = List.of("conv.bias_quantized", "b_scale");
    return Models.graph(-1, 2, 4, 4)
        .addNode(pair("QuantizeLinear", "x", "x", "xq"))
        .addNode(pair("DequantizeLinear", "xq", "x", "xd"))
        .addNode(node("DequantizeLinear", grid, List.of("w"), number("axis", 0)))
        .addNode(node("DequantizeLinear", bias, List.of("b"), number("axis", 0)))
        .addNode(node("Conv", List.of("xd", "w", "b"), List.of("c"), numbers("pads", 1, 1, 1, 1)))
        .addNode(node("Relu", List.of("c"), List.of("r")))
        .addNode(pair("QuantizeLinear", "r", "r", "rq"))
        .addNode(
            node(
                "MaxPool",
                List.of("rq"),
                List.of("rp"),
                numbers("kernel_shape", 2, 2),
                numbers("strides", 2, 2)))
        .addNode(pair("DequantizeLinear", "rp", "r", "rd"))
        .addNode(node("Flatten", List.of("rd"), List.of("f")))
        .addNode(pair("QuantizeLinear", "fc.weight", "m", "mq"))
        .addNode(pair("DequantizeLinear", "mq", "m", "md"))
        .addNode(node("MatMul", List.of("f", "md"), List.of("y")))
        .addInitializer(integers("conv.weight_quantized", INT8, new Shape(3, 2, 3, 3), weights))
        .addInitializer(floats("w_scale", new Shape(3), SCALES))
        .addInitializer(integers("w_zero", INT8, new Shape(3), ZEROS))
        .addInitializer(integers("conv.bias_quantized", INT32, new Shape(3), 200, -140, 48))
        .addInitializer(floats("b_scale", new Shape(3), 0.125f, 0.0625f, 0.03125f))
        .addInitializer(single("x_scale", 0.25f))
        .addInitializer(integers("x_zero", UINT8, new Shape(), 120))
        .addInitializer(single("r_scale", 2f))
        .addInitializer(integers("r_zero", UINT8, new Shape(), 0))
        .addInitializer(
            floats(
                "fc.weight",
                new Shape(12, 2),
                1.1f,
                -0.3f,
                0.125f,
                0.375f,
                -2,
                0.6f,
                0.1f,
                9,
                0,
                0.2f,
                0.7f,
                -0.9f,
                1,
                2,
                3,
                4,
                0.3f,
                0.4f,
                0.5f,
                0.6f,
                -40,
                40,
                0.05f,
                -1.5f))
        .addInitializer(single("m_scale", 0.25f))
        .addInitializer(integers("m_zero", INT8, new Shape(), 3));
  }

  private Path file(GraphProto.Builder graph) throws IOException {
    Path file = folder.resolve("quantised.onnx");
    return Files.write(file, Models.model(13, graph).build().toByteArray());
  }

  /** Multiples of an eighth from -48 to 48: beyond the grid on both sides, and halves of steps. */
  private static float[] images() {
    float[] values = new float[(int) IMAGES.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 331 % 769 - 384) / 8f;
    }
    return values;
  }

  private static float[] runtime(Path file) {
    double[] images = new double[(int) IMAGES.size()];
    Arrays.setAll(images, i -> images()[i]);
    try (OrtFile ort = OrtFile.open(file)) {
      double[] result =
          ort.run(List.of(new OrtFile.Values(IMAGES, DataType.FLOAT32, images))).get(0).numbers();
      float[] floats = new float[result.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) result[i];
      }
      return floats;
    }
  }

  private static float[] run(Model model) {
    return Engines.forward(model.getBlock(), images(), IMAGES, false);
  }

  @Test
  void read_withoutTheOption_isRefusedByAMessageWhoseRemedyWorks() throws IOException {
    Path file = file(network(WEIGHTS));
    assertThatThrownBy(() -> Onnx.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("quantised network")
        .hasMessageContaining("5 x DequantizeLinear, 3 x QuantizeLinear")
        .hasMessageContaining("Onnx.open(file).quantisedAsFloats().read()");
    try (Model model = Onnx.open(file).quantisedAsFloats().read()) {
      assertThat(model.getBlock()).isInstanceOf(GraphBlock.class);
    }
    OnnxImport asked = Onnx.open(file).quantisedAsFloats();
    assertThatThrownBy(asked::quantisedAsFloats).hasMessageContaining("option set twice");
  }

  @Test
  void read_onRequest_givesWhatTheRuntimeGivesAndSoDoesTheFileWrittenOfIt() throws IOException {
    Path file = file(network(WEIGHTS));
    float[] expected = runtime(file);
    assertThat(expected).doesNotHaveDuplicates();
    Path again = folder.resolve("again.onnx");
    try (Model model = Onnx.open(file).quantisedAsFloats().read()) {
      assertThat(run(model)).isEqualTo(expected);
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    assertThat(runtime(again)).isEqualTo(expected);
    try (Model model = Onnx.read(again)) {
      assertThat(run(model)).isEqualTo(expected);
    }
  }

  @Test
  void weights_storedAsIntegers_areParametersOfTheirNamesAndValues() throws IOException {
    try (Model model = Onnx.open(file(network(WEIGHTS))).quantisedAsFloats().read()) {
      GraphBlock block = (GraphBlock) model.getBlock();
      assertThat(block.graph().parameters().stream().map(p -> p.path() + " " + p.type()))
          .containsExactly("conv.weight WEIGHT", "conv.bias BIAS", "fc.weight WEIGHT");
      float[] weights = parameter(block, "conv.weight").getArray().toFloatArray();
      for (int i = 0; i < weights.length; i++) {
        assertThat(weights[i]).isEqualTo((WEIGHTS[i] - ZEROS[i / 18]) * SCALES[i / 18]);
      }
      assertThat(parameter(block, "conv.bias").getArray().toFloatArray())
          .containsExactly(25, -8.75f, 1.5f);
      assertThat(model.getProperty(OnnxImport.PARAMETERS)).isEqualTo("3");
    }
  }

  private static Parameter parameter(GraphBlock block, String name) {
    return block.getParameters().values().stream()
        .filter(each -> each.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void weight_setToZero_isTheZeroPointOfTheFile() throws IOException {
    int[] pruned = WEIGHTS.clone();
    for (int i = 0; i < pruned.length; i += 2) {
      pruned[i] = ZEROS[i / 18];
    }
    float[] expected = runtime(file(network(pruned)));
    try (Model model = Onnx.open(file(network(WEIGHTS))).quantisedAsFloats().read()) {
      NDArray weight = parameter((GraphBlock) model.getBlock(), "conv.weight").getArray();
      float[] values = weight.toFloatArray();
      for (int i = 0; i < values.length; i += 2) {
        values[i] = 0;
      }
      weight.set(values);
      assertThat(run(model)).isEqualTo(expected);
    }
  }

  @Test
  void gradients_passTheRoundingAndEndBeyondTheGrid() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(pair("QuantizeLinear", "x", "x", "q"))
            .addNode(pair("DequantizeLinear", "q", "x", "y"))
            .addInitializer(single("x_scale", 0.5f))
            .addInitializer(integers("x_zero", INT8, new Shape(), 4));
    try (NDManager manager = NDManager.newBaseManager();
        Model model = Onnx.open(file(graph)).quantisedAsFloats().read()) {
      // -132 / 2 and 123 / 2 are the ends of the grid
      NDArray x = manager.create(new float[] {-67, 0.3f, 61.4f, 62}, new Shape(1, 4));
      x.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y =
            model
                .getBlock()
                .forward(new ParameterStore(manager, false), new NDList(x), true)
                .singletonOrThrow();
        assertThat(y.toFloatArray()).containsExactly(-66, 0.5f, 61.5f, 61.5f);
        collector.backward(y.sum());
      }
      assertThat(x.getGradient().toFloatArray()).containsExactly(0, 1, 1, 0);
    }
  }

  @Test
  void scales_ofAnotherNumberThanTheAxis_areRefusedWithTheNode() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(node("QuantizeLinear", List.of("x", "s"), List.of("y")))
            .addInitializer(floats("s", new Shape(3), 1, 2, 3));
    Path file = file(graph);
    assertThatThrownBy(() -> Onnx.open(file).quantisedAsFloats().read())
        .hasMessageContaining("scales do not fit the values")
        .hasMessageContaining("node 0, QuantizeLinear");
  }

  @Test
  void constant_takenOffItsGrid_isConstant() throws IOException {
    AttributeProto value =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(integers("", INT8, new Shape(4), 1, 2, 3, 4))
            .build();
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(node("Constant", List.of(), List.of("c"), value))
            .addNode(node("DequantizeLinear", List.of("c", "s"), List.of("d")))
            .addNode(node("Add", List.of("x", "d"), List.of("y")))
            .addInitializer(single("s", 0.5f));
    try (Model model = Onnx.open(file(graph)).quantisedAsFloats().read()) {
      assertThat(((GraphBlock) model.getBlock()).graph().parameters()).isEmpty();
      assertThat(Engines.forward(model.getBlock(), new float[4], new Shape(1, 4), false))
          .containsExactly(0.5f, 1, 1.5f, 2);
    }
  }
}
