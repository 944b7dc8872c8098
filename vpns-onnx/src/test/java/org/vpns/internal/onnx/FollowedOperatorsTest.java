package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.real;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** Operators in a form that is not read, and in the one that the refusal asks for. */
final class FollowedOperatorsTest extends FollowedRemedies {
  /** Graphs that no image makes right, corrected; the images are 1, 2, 3. */
  static List<Arguments> corrections() {
    String correct = "correct the model";
    String again = "export the model again";
    Shape row = new Shape(-1, 3);
    TensorProto zero = floats("zero", new Shape(), 0);
    TensorProto one = floats("one", new Shape(), 1);
    TensorProto three = floats("three", new Shape(), 3);
    NodeProto add = on("Add", List.of("k"));
    return List.of(
        Arguments.of(
            "dropout ratio out of range",
            correct,
            single(row, on("Dropout", List.of("r")), floats("r", new Shape(), 1)),
            single(row, on("Dropout", List.of("r")), floats("r", new Shape(), 0.5f)),
            new double[] {1, 2, 3}),
        Arguments.of(
            "slice without a step",
            correct,
            single(row, slice(), longs("b", 0), longs("e", 3), longs("a", 1), longs("s", 0)),
            single(row, slice(), longs("b", 0), longs("e", 3), longs("a", 1), longs("s", 2)),
            new double[] {1, 3}),
        Arguments.of(
            "repeats do not fit the input",
            correct,
            single(row, on("Tile", List.of("r")), longs("r", 2)),
            single(row, on("Tile", List.of("r")), longs("r", 1, 2)),
            new double[] {1, 2, 3, 1, 2, 3}),
        Arguments.of(
            "shape out of range",
            correct,
            single(row, on("Expand", List.of("s")), longs("s", 1, -3)),
            single(row, on("Expand", List.of("s")), longs("s", 1, 3)),
            new double[] {1, 2, 3}),
        Arguments.of(
            "shape out of range",
            correct,
            single(row, node("ConstantOfShape", List.of("s"), List.of("k")), longs("s", -3))
                .addNode(add),
            single(row, node("ConstantOfShape", List.of("s"), List.of("k")), longs("s", 3))
                .addNode(add),
            new double[] {1, 2, 3}),
        Arguments.of(
            "range without a step",
            correct,
            single(row, node("Range", List.of("zero", "three", "zero"), List.of("k")), zero, three)
                .addNode(add),
            single(
                    row,
                    node("Range", List.of("zero", "three", "one"), List.of("k")),
                    zero,
                    three,
                    one)
                .addNode(add),
            new double[] {1, 3, 5}),
        Arguments.of(
            "constant too large",
            "store the constant in the file instead",
            single(
                    row,
                    node("ConstantOfShape", List.of("s"), List.of("c")),
                    longs("s", (1 << 22) + 1))
                .addNode(node("Gather", List.of("c", "i"), List.of("k")))
                .addNode(add)
                .addInitializer(longs("i", 5)),
            single(row, node("Gather", List.of("c", "i"), List.of("k")), one("c", (1 << 22) + 1))
                .addNode(add)
                .addInitializer(longs("i", 5)),
            new double[] {1, 2, 3}),
        Arguments.of(
            "stored values used too often",
            "store each weight by itself",
            shared(true),
            shared(false),
            new double[] {34, 35, 36}),
        Arguments.of(
            "bias does not fit the product",
            again,
            single(row, on("Gemm", List.of("w", "b")), ones("w", 3, 1), ones("b", 2)),
            single(row, on("Gemm", List.of("w", "b")), ones("w", 3, 1), ones("b", 1)),
            new double[] {7}),
        Arguments.of(
            "input was not produced",
            "export the model in evaluation mode",
            normalised(true),
            normalised(false),
            new double[] {1, 2, 3}));
  }

  /** Operators in a form that is not read, and in the one that the refusal names. */
  static List<Arguments> forms() {
    Shape row = new Shape(-1, 3);
    NodeProto add = on("Add", List.of("k"));
    TensorProto eye = floats("eye", new Shape(1, 3, 3), 1, 0, 0, 0, 1, 0, 0, 0, 1);
    return List.of(
        Arguments.of(
            "constant without one value",
            "store its numbers as one dense tensor, 'value'",
            graph(-1, 3).addNode(node("Constant", List.of(), List.of("k"))).addNode(add),
            graph(-1, 3)
                .addNode(node("Constant", List.of(), List.of("k"), tensor("value", 0.5f)))
                .addNode(add),
            new double[] {1.5, 2.5, 3.5}),
        Arguments.of(
            "equation not supported",
            "write it out with Transpose, MatMul and ReduceSum",
            single(
                    row,
                    node("Einsum", List.of("u", "eye"), Y, text("equation", "nii,nij->nj")),
                    eye,
                    longs("s", -1, 1, 3))
                .addNode(0, node("Reshape", X, List.of("u")).toBuilder().addInput("s")),
            single(
                    row,
                    node("MatMul", List.of("u", "eye"), List.of("m")),
                    eye,
                    longs("s", -1, 1, 3),
                    longs("one", 1))
                .addNode(0, node("Reshape", X, List.of("u")).toBuilder().addInput("s"))
                .addNode(node("ReduceSum", List.of("m", "one"), Y, number("keepdims", 0))),
            new double[] {1, 2, 3}),
        Arguments.of(
            "attribute not supported",
            "export the model without it, at operator set 17",
            single(row, on("Relu", List.of(), number("consumed_inputs", 0))),
            single(row, on("Relu", List.of())),
            new double[] {1, 2, 3}),
        Arguments.of(
            "attribute out of range: 'mode'",
            "export the model without it",
            single(row, on("Pad", List.of("p"), text("mode", "circular")), longs("p", 0, 0, 0, 1)),
            single(row, on("Pad", List.of("p")), longs("p", 0, 0, 0, 1)),
            new double[] {1, 2, 3, 0}),
        Arguments.of(
            "positions of maxima not supported",
            "export the network without what reads them, such as MaxUnpool",
            pooled(List.of("m", "i")).addNode(node("Flatten", List.of("i"), Y)),
            pooled(List.of("m")).addNode(node("Flatten", List.of("m"), Y)),
            new double[] {2, 3}),
        Arguments.of(
            "limit of the gates not supported",
            "export the layer without clipping",
            recurrent(real("clip", 3)),
            recurrent(),
            new double[] {Math.tanh(3 + Math.tanh(2 + Math.tanh(1)))}),
        Arguments.of(
            "functions of the gates not supported",
            "export the layer with sigmoid and tanh",
            recurrent(texts("activations", "Affine")),
            recurrent(texts("activations", "Tanh")),
            new double[] {Math.tanh(3 + Math.tanh(2 + Math.tanh(1)))}),
        Arguments.of(
            "operator no longer in the format",
            "use Resize",
            enlarged("Upsample", "u", "f"),
            enlarged("Resize", "u", "", "f"),
            new double[] {1, 1, 2, 2, 3, 3}),
        Arguments.of(
            "values that are combined with those at their places",
            "export the part of the network before this node",
            single(row, node("Relu", X, List.of("r")), longs("i", 0))
                .addNode(node("ScatterND", List.of("r", "i", "u"), Y, text("reduction", "add")))
                .addInitializer(floats("u", new Shape(3), 1, 1, 1)),
            single(row, node("Relu", X, Y)),
            new double[] {1, 2, 3}));
  }

  private static AttributeProto tensor(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(floats("", new Shape(1), value))
        .build();
  }

  private static AttributeProto texts(String name, String text) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRINGS)
        .addStrings(ByteString.copyFromUtf8(text))
        .build();
  }

  private static GraphProto.Builder pooled(List<String> outputs) {
    return graph(-1, 3)
        .addNode(node("Reshape", List.of("x", "s"), List.of("u")))
        .addNode(node("MaxPool", List.of("u"), outputs, numbers("kernel_shape", 2)))
        .addInitializer(longs("s", -1, 1, 3));
  }

  private static GraphProto.Builder enlarged(String operator, String... inputs) {
    return graph(-1, 3)
        .addNode(node("Reshape", List.of("x", "s"), List.of("u")))
        .addNode(node(operator, List.of(inputs), List.of("e")))
        .addNode(node("Flatten", List.of("e"), Y))
        .addInitializer(longs("s", -1, 1, 1, 3))
        .addInitializer(floats("f", new Shape(4), 1, 1, 1, 2));
  }

  /** h <- tanh(x + h) over the numbers of an image. */
  private static GraphProto.Builder recurrent(AttributeProto... attributes) {
    return graph(-1, 3)
        .addNode(node("Transpose", X, List.of("t"), numbers("perm", 1, 0)))
        .addNode(node("Unsqueeze", List.of("t", "last"), List.of("u")))
        .addNode(node("RNN", List.of("u", "one", "one"), List.of("", "h"), attributes))
        .addNode(node("Squeeze", List.of("h", "first"), Y))
        .addInitializer(ones("one", 1, 1, 1))
        .addInitializer(longs("first", 0))
        .addInitializer(longs("last", 2));
  }

  private static NodeProto slice() {
    return on("Slice", List.of("b", "e", "a", "s"));
  }

  /** A one and zeros after it. */
  private static TensorProto one(String name, int size) {
    byte[] values = new byte[4 * size];
    ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).putFloat(1);
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(Models.FLOAT)
        .addDims(size)
        .setRawData(ByteString.copyFrom(values))
        .build();
  }

  /** Adds the first number of each of 33 weights of 2^18, which the file may store once. */
  private static GraphProto.Builder shared(boolean once) {
    GraphProto.Builder graph = graph(-1, 3).addInitializer(longs("first", 0));
    if (once) {
      graph.addInitializer(one("w", 1 << 18));
    }
    for (int i = 0; i < 33; i++) {
      String sum = i == 0 ? "x" : "s" + (i - 1);
      if (once) {
        graph.addNode(node("Identity", List.of("w"), List.of("w" + i)));
      } else {
        graph.addInitializer(one("w" + i, 1 << 18));
      }
      graph
          .addNode(node("Gather", List.of("w" + i, "first"), List.of("f" + i)))
          .addNode(node("Add", List.of(sum, "f" + i), List.of(i == 32 ? "y" : "s" + i)));
    }
    return graph;
  }

  /** Batch norm of mean 0 and variance 1, with what it makes in training or without. */
  private static GraphProto.Builder normalised(boolean training) {
    List<String> outputs = training ? List.of("n", "mean", "variance") : Y;
    GraphProto.Builder graph =
        graph(-1, 3)
            .addNode(
                node(
                    "BatchNormalization",
                    List.of("x", "one", "zero", "zero", "one"),
                    outputs,
                    number("training_mode", training ? 1 : 0),
                    real("epsilon", 0)))
            .addInitializer(ones("one", 3))
            .addInitializer(floats("zero", new Shape(3), 0, 0, 0));
    return training ? graph.addNode(node("Add", List.of("n", "mean"), Y)) : graph;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"corrections", "forms"})
  void model_isRefused_andReadsOnceTheRefusalIsFollowed(
      String what,
      String remedy,
      GraphProto.Builder refused,
      GraphProto.Builder followed,
      double[] result)
      throws IOException {
    assertRefused(what, remedy, write(refused));
    assertGives(write(followed), new Shape(1, 3), new float[] {1, 2, 3}, result);
  }

  /** Integers of 4 bits are type 22. */
  @Test
  void gridOfFourBits_isRefused_andReadsWithEight() throws IOException {
    for (int type : new int[] {22, 3}) {
      GraphProto.Builder graph =
          graph(-1, 3)
              .addNode(
                  node(
                      "QuantizeLinear",
                      List.of("x", "scale"),
                      List.of("q"),
                      number("output_dtype", type)))
              .addNode(node("DequantizeLinear", List.of("q", "scale"), Y))
              .addInitializer(floats("scale", new Shape(), 0.5f));
      Path file = write(Models.model(23, graph));
      if (type == 22) {
        assertThatThrownBy(() -> Onnx.open(file).quantisedAsFloats().read())
            .hasMessageStartingWith("grid of a type not supported: " + file)
            .hasMessageEndingWith("; quantise the model to 8 bits.");
      } else {
        try (Model model = Onnx.open(file).quantisedAsFloats().read()) {
          float[] x = {0.5f, 1.1f, -64.5f};
          assertThat(Engines.evaluate(model.getBlock(), x, new Shape(1, 3)))
              .containsExactly(0.5f, 1, -64);
        }
      }
    }
  }

  /** A recurrent layer that is told how many steps count. */
  @Test
  void sequencesOfDifferentLengths_areRefused_andReadWithoutThem() throws IOException {
    GraphProto.Builder[] graphs = new GraphProto.Builder[2];
    for (int i = 0; i < 2; i++) {
      List<String> inputs = i == 0 ? List.of("t", "w", "w", "", "lengths") : List.of("t", "w", "w");
      graphs[i] =
          graph(1, 2, 1)
              .addNode(node("Transpose", X, List.of("t"), numbers("perm", 1, 0, 2)))
              .addNode(node("RNN", inputs, List.of("", "h"), number("hidden_size", 1)))
              .addNode(node("Squeeze", List.of("h", "a"), Y))
              .addInitializer(floats("w", new Shape(1, 1, 1), 0.5f))
              .addInitializer(longs("a", 0))
              .addInitializer(
                  TensorProto.newBuilder()
                      .setName("lengths")
                      .setDataType(6)
                      .addDims(1)
                      .addInt32Data(1));
    }
    assertRefused(
        "sequences of different lengths",
        "export the model without packed sequences",
        write(graphs[0]));
    assertGives(
        write(graphs[1]),
        new Shape(1, 2, 1),
        new float[] {1, 2},
        Math.tanh(0.5 * 2 + 0.5 * Math.tanh(0.5)));
  }

  /** What PyTorch writes of an enlargement for two images, for more than usual, and for any. */
  @Test
  void resizeForFiveImages_isRefused_andReadsOfTwoOrAnOpenBatch() throws IOException {
    NodeProto sizes = on("Resize", List.of("", "", "sizes"), text("mode", "nearest"));
    assertRefused(
        "images resized into one another",
        "export the model with an open batch size",
        write(single(new Shape(-1, 1, 1, 2), sizes, longs("sizes", 5, 1, 1, 4))));
    assertGives(
        write(single(new Shape(-1, 1, 1, 2), sizes, longs("sizes", 2, 1, 1, 4))),
        new Shape(3, 1, 1, 2),
        new float[] {3, 5, 1, 2, 7, 8},
        3,
        3,
        5,
        5,
        1,
        1,
        2,
        2,
        7,
        7,
        8,
        8);
    NodeProto scales = on("Resize", List.of("", "scales"), text("mode", "nearest"));
    assertGives(
        write(single(new Shape(-1, 1, 1, 2), scales, floats("scales", new Shape(4), 1, 1, 1, 2))),
        new Shape(1, 1, 1, 2),
        new float[] {3, 5},
        3,
        3,
        5,
        5);
  }
}
