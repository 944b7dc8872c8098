package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.FLOAT;
import static org.vpns.internal.onnx.Models.INT64;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.ramp;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;

/** The list that users see, against a file of each operator applied to images (N, 4, 4, 4). */
final class SupportedOperatorsTest {
  private static final int OPSET = 21;
  private static final int FLOAT64 = 11;

  private static final List<TensorProto> TENSORS =
      List.of(
          scalar(floats("zero", new Shape(1), 0)),
          scalar(floats("two", new Shape(1), 2)),
          scalar(longs("start", 0)),
          scalar(longs("limit", 4)),
          scalar(longs("delta", 1)),
          floats("scale", new Shape(4), 1, 2, 3, 4),
          floats("shift", new Shape(4), 4, 3, 2, 1),
          floats("slope", new Shape(4, 1, 1), 0.1f, 0.2f, 0.3f, 0.4f),
          ramp("kernel", new Shape(2, 4, 3, 3)),
          floats("offOn", new Shape(2), 0, 1),
          longs("place", 2).toBuilder().clearDims().addDims(1).addDims(1).build(),
          TensorProto.newBuilder().setName("yes").setDataType(9).addInt32Data(1).build(),
          element("element", 1),
          element("target", 2),
          longs("rows", 0, 4, 16),
          ramp("w12", new Shape(1, 12, 16)),
          ramp("r12", new Shape(1, 12, 3)),
          ramp("w9", new Shape(1, 9, 16)),
          ramp("r9", new Shape(1, 9, 3)),
          ramp("w3", new Shape(1, 3, 16)),
          ramp("r3", new Shape(1, 3, 3)),
          ramp("turned", new Shape(4, 2, 3, 3)),
          floats("scales", new Shape(4), 1, 1, 2, 1.5f),
          ramp("matrix", new Shape(4, 3)),
          ramp("square", new Shape(4, 4)),
          ramp("wide", new Shape(64, 3)),
          longs("first", 1),
          longs("origin", 0),
          longs("ofTwo", 2),
          longs("width", 3),
          longs("last", 3),
          longs("both", 2, 3),
          longs("some", 0, 2),
          longs("four", 4),
          longs("flat", 0, -1),
          longs("grown", 1, 3, 1, 1, 1),
          longs("repeats", 1, 2, 1, 1),
          longs("pads", 0, 0, 1, 1, 0, 0, 1, 1));

  private static final Map<String, List<NodeProto>> NODES = nodes();

  /** What later operator sets have under other names. */
  private static final Set<String> OLD = Set.of("ConstantFill", "Scatter", "Upsample");

  @TempDir Path folder;

  /** A stored number decides. */
  private static NodeProto branches() {
    NodeProto.Builder node = node("If", List.of("yes"), List.of("y")).toBuilder();
    for (String branch : words("then_branch else_branch")) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(branch)
              .setType(AttributeType.GRAPH)
              .setG(
                  GraphProto.newBuilder()
                      .addNode(node("Neg", List.of("x"), List.of(branch)))
                      .addOutput(ValueInfoProto.newBuilder().setName(branch))));
    }
    return node.build();
  }

  private static TensorProto element(String name, long place) {
    TensorProto.Builder tensor = longs(name, place).toBuilder().clearDims();
    return tensor.addDims(1).addDims(1).addDims(1).addDims(1).build();
  }

  private static TensorProto scalar(TensorProto tensor) {
    return tensor.toBuilder().clearDims().build();
  }

  private static Map<String, List<NodeProto>> nodes() {
    Map<String, List<NodeProto>> nodes = new TreeMap<>();
    for (String each :
        words(
            "Abs Acos Asin Atan Ceil Celu Cos Cosh Dropout Elu Erf Exp Flatten Floor Gelu"
                + " GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity LeakyRelu"
                + " LogSoftmax Mish Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softmax"
                + " Softplus Softsign Tan Tanh ThresholdedRelu")) {
      put(nodes, of(each));
    }
    for (String each : words("Add CastLike Clip Div Max Mean Min Mul Pow Sub Sum")) {
      put(nodes, of(each, "two"));
    }
    for (String each : words("Equal Greater GreaterOrEqual Less LessOrEqual")) {
      put(nodes, node(each, List.of("x", "zero"), List.of("b")), toFloat("b"));
    }
    NodeProto positive = node("Greater", List.of("x", "zero"), List.of("p"));
    for (String each : words("And Or Xor")) {
      put(nodes, node(each, List.of("p", "p"), List.of("b")), positive, toFloat("b"));
    }
    put(nodes, node("Not", List.of("p"), List.of("b")), positive, toFloat("b"));
    put(nodes, node("Where", List.of("p", "x", "two"), List.of("y")), positive);
    for (String each : words("IsInf IsNaN")) {
      put(nodes, node(each, List.of("x"), List.of("b")), toFloat("b"));
    }
    for (String each : words("ArgMax ArgMin")) {
      put(nodes, node(each, List.of("x"), List.of("b"), number("axis", 1)), toFloat("b"));
    }
    NodeProto top = node("TopK", List.of("x", "first"), List.of("y", "i"), number("axis", 1));
    put(nodes, top);
    for (String each : words("L1 L2 LogSumExp Max Mean Min Prod Sum SumSquare")) {
      put(nodes, of("Reduce" + each, "both"));
    }
    NodeProto absolute = node("Abs", List.of("x"), List.of("a"));
    put(nodes, node("ReduceLogSum", List.of("a", "both"), List.of("y")), absolute);
    put(nodes, node("Log", List.of("a"), List.of("y")), absolute);
    put(nodes, node("Sqrt", List.of("a"), List.of("y")), absolute);
    NodeProto whole = node("Cast", List.of("x"), List.of("i"), number("to", INT64));
    put(nodes, node("Mod", List.of("i", "limit"), List.of("b")), whole, toFloat("b"));

    put(nodes, of("QuantizeLinear", "two"));
    NodeProto grid = node("QuantizeLinear", List.of("x", "two"), List.of("q"));
    put(nodes, node("DequantizeLinear", List.of("q", "two"), List.of("y")), grid);
    put(nodes, of("Conv", "kernel"));
    put(nodes, of("ConvTranspose", "turned"));
    put(nodes, of("Upsample", "scales"));
    put(nodes, of("Resize", "", "scales"));
    NodeProto index = node("ArgMax", List.of("x"), List.of("i"), number("axis", 1));
    put(nodes, node("OneHot", List.of("i", "limit", "offOn"), List.of("y")), index);
    // the second column of an axis without images: the first of all goes before the images
    NodeProto flatFirst =
        node("Transpose", List.of("x"), List.of("t"), numbers("perm", 1, 0, 2, 3));
    NodeProto part = node("Gather", List.of("t", "first"), List.of("u"));
    NodeProto imagesFirst =
        node("Transpose", List.of("s"), List.of("y"), numbers("perm", 1, 0, 2, 3));
    put(
        nodes,
        node("ScatterND", List.of("t", "place", "u"), List.of("s")),
        part,
        flatFirst,
        imagesFirst);
    // the second of four positions in place of the third, of one row and column of each image
    put(nodes, node("GatherElements", List.of("x", "element"), List.of("y"), number("axis", 1)));
    NodeProto taken =
        node("GatherElements", List.of("x", "element"), List.of("u"), number("axis", 1));
    put(
        nodes,
        node("ScatterElements", List.of("x", "target", "u"), List.of("y"), number("axis", 1)),
        taken);
    AttributeProto starts = numbers("starts", 0, 0, 0);
    AttributeProto ends = numbers("ends", 1, 1, 1);
    put(
        nodes,
        node("Scatter", List.of("x", "target", "c"), List.of("y"), number("axis", 1)),
        node("Slice", List.of("x"), List.of("c"), numbers("axes", 1, 2, 3), starts, ends));
    put(nodes, node("GatherND", List.of("t", "place"), List.of("s")), flatFirst, imagesFirst);
    NodeProto pairs = node("Slice", List.of("x", "origin", "ofTwo", "width"), List.of("u"));
    put(nodes, node("GridSample", List.of("x", "u"), List.of("y")), pairs);
    put(nodes, branches());
    NodeProto rows = node("Reshape", List.of("x", "rows"), List.of("r"));
    NodeProto steps = node("Transpose", List.of("r"), List.of("s"), numbers("perm", 1, 0, 2));
    NodeProto images = node("Transpose", List.of("h"), List.of("y"), numbers("perm", 1, 0, 2));
    List<String> last = List.of("", "h");
    put(nodes, node("LSTM", List.of("s", "w12", "r12"), last), steps, rows, images);
    put(nodes, node("GRU", List.of("s", "w9", "r9"), last), steps, rows, images);
    put(nodes, node("RNN", List.of("s", "w3", "r3"), last), steps, rows, images);
    put(nodes, of("CumSum", "first"));
    put(nodes, of("Trilu", "first"));
    put(nodes, of("MatMul", "matrix"));
    AttributeProto equation = text("equation", "...i,ij->...j");
    put(nodes, node("Einsum", List.of("x", "matrix"), List.of("y"), equation));
    NodeProto flat = node("Flatten", List.of("x"), List.of("f"));
    put(nodes, node("Gemm", List.of("f", "wide"), List.of("y")), flat);
    put(nodes, of("PRelu", "slope"));
    put(nodes, of("BatchNormalization", "scale", "shift", "shift", "scale"));
    put(nodes, of("InstanceNormalization", "scale", "shift"));
    put(nodes, of("LayerNormalization", "scale"));
    List<String> grouped = List.of("x", "scale", "shift");
    put(nodes, node("GroupNormalization", grouped, List.of("y"), number("num_groups", 2)));
    for (String each : words("AveragePool MaxPool")) {
      put(nodes, node(each, List.of("x"), List.of("y"), numbers("kernel_shape", 2, 2)));
    }
    put(nodes, node("LRN", List.of("x"), List.of("y"), number("size", 3)));

    put(nodes, node("Cast", List.of("x"), List.of("y"), number("to", FLOAT64)));
    put(nodes, of("Reshape", "flat"));
    put(nodes, node("Transpose", List.of("x"), List.of("y"), numbers("perm", 0, 2, 3, 1)));
    put(nodes, of("Unsqueeze", "first"));
    NodeProto longer = node("Unsqueeze", List.of("x", "first"), List.of("u"));
    put(nodes, node("Squeeze", List.of("u", "first"), List.of("y")), longer);
    put(nodes, node("Expand", List.of("u", "grown"), List.of("y")), longer);
    put(nodes, of("Tile", "repeats"));
    for (String each : words("DepthToSpace SpaceToDepth")) {
      put(nodes, node(each, List.of("x"), List.of("y"), number("blocksize", 2)));
    }
    put(nodes, node("Gather", List.of("x", "some"), List.of("y"), number("axis", 1)));
    put(nodes, of("Pad", "pads"));
    put(nodes, node("Concat", List.of("x", "x"), List.of("y"), number("axis", 1)));
    AttributeProto[] halves = {number("axis", 1), number("num_outputs", 2)};
    put(nodes, node("Split", List.of("x"), List.of("y", "z"), halves));
    put(nodes, of("Slice", "first", "last", "first"));

    NodeProto added = node("Add", List.of("x", "c"), List.of("y"));
    AttributeProto value =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeType.TENSOR)
            .setT(floats("", new Shape(4), 1, 2, 3, 4))
            .build();
    put(nodes, node("Constant", List.of(), List.of("c"), value), added);
    put(nodes, node("ConstantOfShape", List.of("four"), List.of("c")), added);
    AttributeProto byValue = number("input_as_shape", 1);
    put(nodes, node("ConstantFill", List.of("four"), List.of("c"), byValue), added);
    put(nodes, node("EyeLike", List.of("square"), List.of("c")), added);
    NodeProto toC = node("Cast", List.of("i"), List.of("c"), number("to", FLOAT));
    put(nodes, node("Range", List.of("start", "limit", "delta"), List.of("i")), toC, added);
    put(nodes, node("Size", List.of("kernel"), List.of("i")), toC, added);
    NodeProto reshaped = node("Reshape", List.of("x", "s"), List.of("y"));
    put(nodes, node("Shape", List.of("x"), List.of("s")), reshaped);
    return nodes;
  }

  private static List<String> words(String line) {
    return Splitter.on(' ').splitToList(line);
  }

  /** With images, then tensors of the file, to the output. */
  private static NodeProto of(String operator, String... tensors) {
    List<String> inputs = new ArrayList<>(List.of("x"));
    inputs.addAll(List.of(tensors));
    return node(operator, inputs, List.of("y"));
  }

  private static NodeProto toFloat(String value) {
    return node("Cast", List.of(value), List.of("y"), number("to", FLOAT));
  }

  /** A node and what it needs: those that it reads go before it, the others behind. */
  private static void put(Map<String, List<NodeProto>> nodes, NodeProto node, NodeProto... others) {
    List<NodeProto> all = new ArrayList<>(List.of(node));
    for (NodeProto other : others) {
      boolean before =
          all.stream().anyMatch(each -> each.getInputList().contains(other.getOutput(0)));
      all.add(before ? 0 : all.size(), other);
    }
    nodes.put(node.getOpType(), all);
  }

  private Model read(String operator) throws IOException {
    List<NodeProto> nodes = NODES.get(operator);
    assertThat(nodes).as(operator).isNotNull();
    Path file = folder.resolve(operator + ".onnx");
    var graph = Models.graph(-1, 4, 4, 4).addAllNode(nodes).addAllInitializer(TENSORS);
    int opset = OLD.contains(operator) ? 9 : OPSET;
    Files.write(file, Models.model(opset, graph).build().toByteArray());
    // the two operators of grids are read on request
    return Onnx.open(file).quantisedAsFloats().read();
  }

  static List<String> listed() {
    return Onnx.supportedOperators();
  }

  @ParameterizedTest
  @MethodSource("listed")
  void listedOperator_ofImages_isReadAsANetwork(String operator) throws IOException {
    try (Model model = read(operator)) {
      // the tracer has compared its results with the file's
      assertThat(model.getBlock()).isInstanceOf(GraphBlock.class);
    }
  }
}
