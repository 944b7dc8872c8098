package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.ramp;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.testing.Engines;

/** Which tensors become parameters, in which layout, under which names. */
final class OnnxParametersTest {
  private static final List<String> Y = List.of("y");

  private static NodeProto named(String name, NodeProto node) {
    return node.toBuilder().setName(name).build();
  }

  private static List<String> listed(OnnxBlock block) {
    return ParameterPaths.of(block).list().stream()
        .map(p -> p.path() + " " + p.parameter().getType() + " " + p.shape())
        .toList();
  }

  private static float[] values(OnnxBlock block, String path) {
    NamedParameter found = Objects.requireNonNull(ParameterPaths.of(block).find(path));
    return found.parameter().getArray().toFloatArray();
  }

  @Test
  void productWeights_storedAsInOut_becomeOutIn() {
    GraphProto.Builder graph =
        Models.graph(-1, 3)
            .addNode(
                named("/fc1/MatMul", node("MatMul", List.of("x", "onnx::MatMul_7"), List.of("a"))))
            .addNode(named("/fc1/Add", node("Add", List.of("fc1.bias", "a"), List.of("b"))))
            .addNode(named("/fc2/Gemm", node("Gemm", List.of("b", "w2", "b2"), Y)))
            .addInitializer(floats("onnx::MatMul_7", new Shape(3, 2), 1, 2, 3, 4, 5, 6))
            .addInitializer(floats("fc1.bias", new Shape(2), 10, 20))
            .addInitializer(floats("w2", new Shape(2, 1), 1, -1))
            .addInitializer(floats("b2", new Shape(1), 100));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block))
          .containsExactly(
              "fc1.weight WEIGHT (2, 3)", "fc1.bias BIAS (2)", "w2 WEIGHT (1, 2)", "b2 BIAS (1)");
      assertThat(values(block, "fc1.weight")).containsExactly(1, 3, 5, 2, 4, 6);
      // (1, 1, 1) W = (9, 12), plus (10, 20) = (19, 32), difference -13, plus 100
      assertThat(Engines.evaluate(block, new float[] {1, 1, 1}, new Shape(1, 3)))
          .containsExactly(87);
    }
  }

  /** As object queries of a detector do, which attend to each other before they see the image. */
  @Test
  void productWeights_manyNodesBeforeTheImages_areParameters() {
    GraphProto.Builder graph = Models.graph(-1, 2);
    String last = "queries";
    for (int i = 0; i < 20; i++) {
      graph
          .addNode(node("MatMul", List.of(last, "w" + i), List.of("p" + i)))
          .addNode(node("Dropout", List.of("p" + i), List.of("d" + i)))
          .addNode(node("LayerNormalization", List.of("d" + i, "g"), List.of("n" + i)))
          .addNode(node("Erf", List.of("n" + i), List.of("t" + i)))
          .addInitializer(ramp("w" + i, new Shape(2, 2)));
      last = "t" + i;
    }
    graph
        .addNode(node("Add", List.of("x", last), Y))
        .addInitializer(floats("g", new Shape(2), 1, 2))
        .addInitializer(ramp("queries", new Shape(1, 2)));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, graph), manager);
      // the queries, twenty weights, and the scale
      assertThat(ParameterPaths.of(block).list()).hasSize(22);
    }
  }

  /** As PyTorch writes InstanceNorm2d with running statistics. */
  @Test
  void statistics_thatAreRepeated_doNotLearn() {
    GraphProto.Builder graph = Models.graph(-1, 4);
    for (String each : List.of("g", "b", "m", "v")) {
      graph
          .addNode(node("Tile", List.of(each, "two"), List.of(each + 2)))
          .addInitializer(floats(each, new Shape(2), 1, 2));
    }
    graph
        .addNode(node("BatchNormalization", List.of("x", "g2", "b2", "m2", "v2"), Y))
        .addInitializer(Models.longs("two", 2));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block))
          .containsExactly("g OTHER (2)", "b OTHER (2)", "m RUNNING_MEAN (2)", "v RUNNING_VAR (2)");
      // (x - 1) / 1 * 1 + 1 = x, (x - 2) / 1.41 * 2 + 2, but for an epsilon of 1e-5
      float[] y = Engines.evaluate(block, new float[] {3, 2, 5, 4}, new Shape(1, 4));
      assertThat(y).containsExactly(new float[] {3, 2, 5, 4.828427f}, Offset.offset(4e-5f));
    }
  }

  /** A zero in such a weight is a zero in what the layer multiplies with. */
  @Test
  void weightWhosePartsChangePlaces_staysAWeight() {
    GraphProto.Builder graph =
        Models.graph(-1, 3)
            .addNode(node("Split", List.of("w"), List.of("p", "q"), Models.number("axis", 0)))
            .addNode(node("Concat", List.of("q", "p"), List.of("v"), Models.number("axis", 0)))
            .addNode(node("Slice", List.of("b", "one", "three"), List.of("c")))
            .addNode(node("Gemm", List.of("x", "v", "c"), Y, Models.number("transB", 1)))
            .addInitializer(floats("w", new Shape(2, 3), 1, 2, 3, 4, 5, 6))
            .addInitializer(floats("b", new Shape(4), 7, 8, 9, 10))
            .addInitializer(Models.longs("one", 1))
            .addInitializer(Models.longs("three", 3));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block)).containsExactly("w WEIGHT (2, 3)", "b BIAS (4)");
      // rows exchanged: (15, 6), plus (8, 9)
      assertThat(Engines.evaluate(block, new float[] {1, 1, 1}, new Shape(1, 3)))
          .containsExactly(23, 15);
    }
  }

  /** A network that was never trained, in a file that holds equal arrays once. */
  @Test
  void statisticsThatAreStoredAsScales_areArraysOfTheirOwn() {
    GraphProto.Builder graph =
        Models.graph(-1, 2, 1, 1)
            .addNode(
                named(
                    "/bn/BatchNormalization",
                    node(
                        "BatchNormalization",
                        List.of("x", "bn.weight", "bn.bias", "bn.bias", "bn.weight"),
                        Y)))
            .addInitializer(floats("bn.weight", new Shape(2), 1, 1))
            .addInitializer(floats("bn.bias", new Shape(2), 0, 0));
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(listed(Models.block(Models.file(13, graph), manager)))
          .containsExactly(
              "bn.weight GAMMA (2)",
              "bn.bias BETA (2)",
              "bn.running_mean RUNNING_MEAN (2)",
              "bn.running_var RUNNING_VAR (2)");
    }
  }

  static NodeProto constant(TensorProto value) {
    return node("Constant", List.of(), List.of(value.getName())).toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(value))
        .build();
  }

  /** A network with its arrays as PaddlePaddle stores them, a number of a formula among them. */
  private static GraphProto.Builder paddle(Consumer<GraphProto.Builder> arrays) {
    GraphProto.Builder graph = Models.graph(-1, 2, 2, 2);
    arrays.accept(graph);
    return graph
        .addNode(node("Conv", List.of("x", "conv_weights"), List.of("a")))
        .addNode(node("Reshape", List.of("conv_bias", "shape"), List.of("r")))
        .addNode(node("Add", List.of("a", "r"), List.of("b")))
        .addNode(
            node("BatchNormalization", List.of("b", "scale", "shift", "mean", "var"), List.of("c")))
        .addNode(node("Add", List.of("c", "three"), List.of("d")))
        .addNode(node("GlobalAveragePool", List.of("d"), List.of("e")))
        .addNode(node("Flatten", List.of("e"), List.of("f")))
        .addNode(node("MatMul", List.of("f", "fc_weights"), List.of("g")))
        .addNode(node("Add", List.of("g", "fc_bias"), Y));
  }

  private static List<TensorProto> arrays() {
    return List.of(
        floats("conv_weights", new Shape(3, 2, 1, 1), 1, -1, 2, 0.5f, -3, 1),
        floats("conv_bias", new Shape(3), 1, 2, 3),
        Models.longs("shape", 1, 3, 1, 1),
        floats("scale", new Shape(3), 1, 2, 0.5f),
        floats("shift", new Shape(3), 0, 1, -1),
        floats("mean", new Shape(3), 1, 0, 2),
        floats("var", new Shape(3), 1, 4, 0.25f),
        floats("three", new Shape(), 3),
        floats("fc_weights", new Shape(3, 2), 1, 2, 3, 4, 5, 6),
        floats("fc_bias", new Shape(2), 10, 20));
  }

  @Test
  void fileThatStoresEverythingInConstantNodes_hasTheParametersOfOneThatStoresInitialisers()
      throws IOException {
    GraphProto.Builder inNodes = paddle(g -> arrays().forEach(a -> g.addNode(constant(a))));
    GraphProto.Builder stored = paddle(g -> g.addAllInitializer(arrays()));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, inNodes), manager);
      OnnxBlock expected = Models.block(Models.file(13, stored), manager);
      assertThat(listed(block))
          .isEqualTo(listed(expected))
          .contains("conv_weights WEIGHT (3, 2, 1, 1)", "var RUNNING_VAR (3)")
          .contains("fc_weights WEIGHT (2, 3)", "fc_bias BIAS (2)")
          .hasSize(8);
      assertThat(block.constants()).isEmpty();
      Shape shape = new Shape(2, 2, 2, 2);
      assertThat(Engines.evaluate(block, ramp(16), shape))
          .containsExactly(Engines.evaluate(expected, ramp(16), shape));
      OnnxOptions kept = OnnxOptions.keeping(name -> name.startsWith("fc_"));
      OnnxBlock headStays = new OnnxBlock(Models.file(13, inNodes), manager, kept);
      assertThat(listed(headStays)).hasSize(6);
      assertThat(headStays.constants()).containsExactly("fc_weights", "fc_bias");
    }
  }

  @Test
  void constantNodes_besideInitialisersOrWithoutLayers_doNotLearn() {
    GraphProto.Builder beside =
        Models.graph(-1, 2)
            .addNode(constant(floats("c", new Shape(2, 2), 1, 2, 3, 4)))
            .addNode(node("MatMul", List.of("x", "c"), List.of("a")))
            .addNode(node("MatMul", List.of("a", "w"), Y))
            .addInitializer(floats("w", new Shape(2, 2), 1, 2, 3, 4));
    GraphProto.Builder alone =
        Models.graph(-1, 2)
            .addNode(constant(floats("mean", new Shape(2), 1, 2)))
            .addNode(node("Sub", List.of("x", "mean"), Y));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, beside), manager);
      assertThat(listed(block)).containsExactly("w WEIGHT (2, 2)");
      assertThat(block.constants()).containsExactly("c");
      assertThat(listed(Models.block(Models.file(13, alone), manager))).isEmpty();
    }
  }

  @Test
  void productWeightWithoutName_isCalledAsItsBias() {
    GraphProto.Builder graph =
        Models.graph(-1, 2)
            .addNode(
                named("/attn/MatMul", node("MatMul", List.of("x", "onnx::MatMul_7"), List.of("a"))))
            .addNode(node("Add", List.of("attn.in_proj_bias", "a"), List.of("b")))
            .addNode(node("MatMul", List.of("b", "onnx::MatMul_8"), List.of("c")))
            .addNode(node("Add", List.of("c", "mlp.0.bias"), List.of("d")))
            .addNode(node("Add", List.of("d", "x"), List.of("e")))
            .addNode(node("MatMul", List.of("e", "onnx::MatMul_9"), Y))
            .addInitializer(floats("onnx::MatMul_7", new Shape(2, 2), 1, 2, 3, 4))
            .addInitializer(floats("onnx::MatMul_8", new Shape(2, 2), 1, 2, 3, 4))
            .addInitializer(floats("onnx::MatMul_9", new Shape(2, 1), 1, 2))
            .addInitializer(floats("attn.in_proj_bias", new Shape(2), 10, 20))
            .addInitializer(floats("mlp.0.bias", new Shape(2), 10, 20));
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(listed(Models.block(Models.file(13, graph), manager)))
          .containsExactly(
              "attn.in_proj_weight WEIGHT (2, 2)",
              "attn.in_proj_bias BIAS (2)",
              "mlp.0.weight WEIGHT (2, 2)",
              "mlp.0.bias BIAS (2)",
              "matmul1.weight WEIGHT (1, 2)");
    }
  }

  @Test
  void productWeight_turnedByANodeOfItsOwn_staysAsStored() {
    GraphProto.Builder graph =
        Models.graph(-1, 2, 3)
            .addNode(node("Transpose", List.of("head.weight"), List.of("t"), numbers("perm", 1, 0)))
            .addNode(node("MatMul", List.of("x", "t"), Y))
            .addInitializer(floats("head.weight", new Shape(2, 3), 1, 2, 3, 4, 5, 6));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block)).containsExactly("head.weight WEIGHT (2, 3)");
      assertThat(Engines.evaluate(block, new float[] {1, 0, 0, 0, 0, 1}, new Shape(1, 2, 3)))
          .containsExactly(1, 4, 3, 6);
    }
  }

  @Test
  void productWeight_withTwoReaders_isOneParameterAsStored() {
    GraphProto.Builder graph =
        Models.graph(-1, 2)
            .addNode(node("MatMul", List.of("x", "tied.weight"), List.of("a")))
            .addNode(node("MatMul", List.of("a", "tied.weight"), Y))
            .addInitializer(floats("tied.weight", new Shape(2, 2), 0, 1, 2, 0));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block)).containsExactly("tied.weight WEIGHT (2, 2)");
      assertThat(values(block, "tied.weight")).containsExactly(0, 1, 2, 0);
      assertThat(Engines.evaluate(block, new float[] {1, 10}, new Shape(1, 2)))
          .containsExactly(2, 20);
    }
  }

  @Test
  void equalTensors_sharedThroughIdentity_areParametersOfTheirOwn() {
    GraphProto.Builder graph =
        Models.graph(-1, 1, 4)
            .addNode(node("Identity", List.of("a.bias"), List.of("b.bias")))
            .addNode(node("Conv", List.of("x", "a.weight", "a.bias"), List.of("h")))
            .addNode(node("Conv", List.of("h", "b.weight", "b.bias"), Y))
            .addInitializer(ramp("a.weight", new Shape(1, 1, 1)))
            .addInitializer(ramp("b.weight", new Shape(1, 1, 1)))
            .addInitializer(ramp("a.bias", new Shape(1)));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block))
          .containsExactly(
              "a.weight WEIGHT (1, 1, 1)",
              "a.bias BIAS (1)",
              "b.weight WEIGHT (1, 1, 1)",
              "b.bias BIAS (1)");
      Objects.requireNonNull(ParameterPaths.of(block).find("a.bias"))
          .parameter()
          .getArray()
          .set(new float[] {5});
      assertThat(values(block, "b.bias")).containsExactly(0.1f);
    }
  }

  @Test
  void namesMadeUp_comeFromTheNodesThatRead() {
    GraphProto.Builder graph =
        Models.graph(-1, 1, 4)
            .addNode(
                named("/layer1/layer1.0/c/Conv", node("Conv", List.of("x", "1"), List.of("a"))))
            .addNode(
                named("/layer1/layer1.0/c/Conv_1", node("Conv", List.of("a", "2"), List.of("b"))))
            .addNode(named("Conv_7", node("Conv", List.of("b", "val_3", "val_4"), List.of("c"))))
            .addNode(node("Conv", List.of("c", "onnx::Conv_9"), List.of("d")))
            .addNode(named("stem/kernel:0", node("Conv", List.of("d", "5"), List.of("e"))))
            .addNode(named("stem/kernel:0", node("Conv", List.of("e", "6"), Y)));
    for (String name : List.of("1", "2", "val_3", "onnx::Conv_9", "5", "6")) {
      graph.addInitializer(ramp(name, new Shape(1, 1, 1)));
    }
    graph.addInitializer(ramp("val_4", new Shape(1)));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(ParameterPaths.of(block).list().stream().map(NamedParameter::path))
          .containsExactly(
              "layer1.0.c.weight",
              "layer1.0.c.conv_1.weight",
              "conv1.weight",
              "conv1.bias",
              "conv2.weight",
              "stem.kernel_0.weight",
              "stem.kernel_0.weight_2");
    }
  }

  @Test
  void tensorsThatMeetImagesInArithmetic_areParameters_unlessDeclaredConstant() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 2, 2)
            .addNode(node("Mul", List.of("x", "block.gamma"), List.of("a")))
            .addNode(node("Mul", List.of("a", "onnx::Mul_3"), List.of("b")))
            .addNode(node("Unsqueeze", List.of("norm.weight", "axis"), List.of("u")))
            .addNode(node("Mul", List.of("b", "u"), List.of("c")))
            .addNode(node("Add", List.of("c", "factor"), List.of("d")))
            .addNode(node("Concat", List.of("cls_token", "d"), Y, number("axis", 1)))
            .addInitializer(ramp("block.gamma", new Shape(2)))
            .addInitializer(ramp("onnx::Mul_3", new Shape(2)))
            .addInitializer(ramp("norm.weight", new Shape(2)))
            .addInitializer(ramp("factor", new Shape()))
            .addInitializer(ramp("cls_token", new Shape(1, 1, 2)))
            .addInitializer(Models.longs("axis", 1));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxFile file = Models.file(13, graph);
      assertThat(listed(Models.block(file, manager)))
          .containsExactly(
              "block.gamma OTHER (2)",
              "mul1.value OTHER (2)",
              "norm.weight OTHER (2)",
              "cls_token OTHER (1, 1, 2)");
      OnnxBlock block = new OnnxBlock(file, manager, OnnxOptions.keeping("onnx::Mul_3"::equals));
      assertThat(listed(block))
          .containsExactly(
              "block.gamma OTHER (2)", "norm.weight OTHER (2)", "cls_token OTHER (1, 1, 2)");
      assertThat(block.constants()).containsExactly("onnx::Mul_3");
      float[] out = Engines.evaluate(block, new float[] {1, 1, 1, 1}, new Shape(1, 2, 2));
      // 0.1 * 0.1 * 0.1 + 0.1 = 0.101, 0.2^2 * 0.1 (row 0), 0.1^2 * -0.2 and -0.2^3 (row 1)
      float[] expected = {0.1f, -0.2f, 0.101f, 0.104f, 0.098f, 0.092f};
      for (int i = 0; i < expected.length; i++) {
        // three roundings of single precision
        assertThat(out[i]).isCloseTo(expected[i], Offset.offset(1e-6f));
      }
    }
  }

  /** Torchvision's Swin transformers, written by this library, hold their tables so. */
  @Test
  void tableOfAProductWithoutImages_staysAsItIsStoredAndIsNoWeight() {
    GraphProto.Builder graph =
        Models.graph(-1, 3)
            .addNode(node("MatMul", List.of("rows", "table"), List.of("a")))
            .addNode(node("Transpose", List.of("turned"), List.of("t")))
            .addNode(node("MatMul", List.of("a", "t"), List.of("b")))
            .addNode(node("Add", List.of("x", "b"), List.of("c")))
            .addNode(node("MatMul", List.of("c", "fc.weight"), Y))
            .addInitializer(floats("rows", new Shape(1, 2), 0, 1))
            .addInitializer(floats("table", new Shape(2, 2), 1, 2, 3, 4))
            .addInitializer(floats("turned", new Shape(3, 2), 1, 0, 0, 1, 1, 1))
            .addInitializer(floats("fc.weight", new Shape(3, 1), 1, 10, 100));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(13, graph), manager);
      assertThat(listed(block))
          .containsExactly(
              "rows OTHER (1, 2)",
              "table OTHER (2, 2)",
              "turned OTHER (3, 2)",
              "fc.weight WEIGHT (1, 3)");
      // the second row, (3, 4), gives 3, 4 and 3 + 4
      assertThat(Engines.evaluate(block, new float[] {1, 1, 1}, new Shape(1, 3)))
          .containsExactly(4 + 50 + 800);
    }
  }

  @Test
  void halfPrecision_isReadAsFloat32() {
    // bfloat16 0x3fc0 = 1.5; half 0x3e00 = 1.5, 0x0001 = 2^-24, 0xfc00 = -infinity
    ByteBuffer halves = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
    halves.putShort((short) 0x3e00).putShort((short) 1).putShort((short) 0xfc00).flip();
    GraphProto.Builder graph =
        Models.graph(-1, 3)
            .addNode(node("Mul", List.of("x", "scale.half"), List.of("a")))
            .addNode(node("Add", List.of("a", "shift.brain"), Y))
            .addInitializer(
                floats("scale.half", new Shape(3)).toBuilder()
                    .setDataType(10)
                    .setRawData(ByteString.copyFrom(halves)))
            .addInitializer(
                floats("shift.brain", new Shape(3)).toBuilder()
                    .setDataType(16)
                    .addAllInt32Data(List.of(0x3fc0, 0, 0)));
    OnnxFile file = Models.file(13, graph);
    assertThat(file.notes()).containsExactly("2 tensors of half precision are read as float32.");
    assertThat(Models.run(file, new Shape(1, 3), 1, 1, 1).toDoubles())
        .containsExactly(3, 0x1p-24, Double.NEGATIVE_INFINITY);
  }

  @Test
  void parameterName_takenAlready_getsANumber() {
    ParameterNames names = new ParameterNames();
    OnnxNode reader;
    try {
      reader = new OnnxNode(node("Conv", List.of(), List.of()), "f", 3, 13);
    } catch (FormatException e) {
      throw new AssertionError(e);
    }
    assertThat(names.of("a.weight", reader, Parameter.Type.WEIGHT, Map.of())).isEqualTo("a.weight");
    assertThat(names.of("a.weight", reader, Parameter.Type.WEIGHT, Map.of()))
        .isEqualTo("a.weight_2");
    assertThat(names.of("??", reader, Parameter.Type.WEIGHT, Map.of())).isEqualTo("conv1.weight");
    assertThat(names.of("!", reader, Parameter.Type.BIAS, Map.of())).isEqualTo("conv1.bias");
  }
}
