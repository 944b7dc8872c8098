package org.vpns.internal.onnx;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.vpns.ParameterPaths;

/** Graphs that hold the number of images that they were made for. */
public final class FixedFiles {
  private FixedFiles() {}

  public static Path write(Path folder, GraphProto.Builder graph) throws IOException {
    Path file = folder.resolve("fixed.onnx");
    return Files.write(file, Models.model(17, graph).build().toByteArray());
  }

  /** A token before two others, for each image, and a number added to each position. */
  public static GraphProto.Builder tokens(int batch) {
    float[] positions = new float[batch * 3];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = 100 * (i % 3 + 1);
    }
    return Models.graph(batch, 2, 3)
        .addNode(Models.node("Expand", List.of("token", "size"), List.of("t")))
        .addNode(Models.node("Concat", List.of("t", "x"), List.of("c"), Models.number("axis", 1)))
        .addNode(Models.node("Add", List.of("c", "positions"), List.of("y")))
        .addInitializer(Models.floats("token", new Shape(1, 1, 3), 10, 20, 30))
        .addInitializer(Models.longs("size", batch, 1, 3))
        .addInitializer(Models.floats("positions", new Shape(batch, 3, 1), positions));
  }

  /** Attention of two heads of width 2 over 3 tokens, each its own query, key and value. */
  public static GraphProto.Builder heads() {
    return Models.graph(1, 3, 4)
        .addNode(
            Models.node("Transpose", List.of("x"), List.of("s"), Models.numbers("perm", 1, 0, 2)))
        .addNode(Models.node("Reshape", List.of("s", "split"), List.of("r")))
        .addNode(
            Models.node("Transpose", List.of("r"), List.of("q"), Models.numbers("perm", 1, 0, 2)))
        .addNode(
            Models.node("Transpose", List.of("q"), List.of("k"), Models.numbers("perm", 0, 2, 1)))
        .addNode(Models.node("MatMul", List.of("q", "k"), List.of("p")))
        .addNode(Models.node("Softmax", List.of("p"), List.of("a"), Models.number("axis", -1)))
        .addNode(Models.node("MatMul", List.of("a", "q"), List.of("v")))
        .addNode(
            Models.node("Transpose", List.of("v"), List.of("w"), Models.numbers("perm", 1, 0, 2)))
        .addNode(Models.node("Reshape", List.of("w", "join"), List.of("j")))
        .addNode(Models.node("Reshape", List.of("j", "rows"), List.of("o")))
        .addNode(
            Models.node("Transpose", List.of("o"), List.of("y"), Models.numbers("perm", 1, 0, 2)))
        .addInitializer(Models.longs("split", 3, 2, 2))
        .addInitializer(Models.longs("join", 3, 4))
        .addInitializer(Models.longs("rows", 3, 1, 4));
  }

  /**
   * Two heads of one number each, merged with the images: beside them stands a zero, and all is
   * multiplied by 10 and 100 for one head, by 20 and 200 for the other, as the file says for each
   * of its images. Results are (images, 2, 2): by head, the number's product and the zero's.
   *
   * @param kind what the factors are to the file: constant or parameter
   */
  public static GraphProto.Builder factorsOfHeads(int batch, String kind) {
    float[] factors = new float[4 * batch];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = new float[] {10, 100, 20, 200}[i % 4];
    }
    TensorProto all = Models.floats("f", new Shape(2L * batch, 1, 2), factors);
    GraphProto.Builder graph =
        Models.graph(batch, 2)
            .addNode(Models.node("Reshape", List.of("x", "apart"), List.of("h")))
            .addNode(
                Models.node("Concat", List.of("h", "z"), List.of("t"), Models.number("axis", 2)))
            .addNode(Models.node("Mul", List.of("t", "f"), List.of("m")))
            .addNode(Models.node("Reshape", List.of("m", "images"), List.of("y")))
            .addInitializer(Models.longs("apart", 2L * batch, 1, 1))
            .addInitializer(Models.longs("images", batch, 2, 2));
    graph.addNode(
        0, constant("z", Models.floats("z", new Shape(2L * batch, 1, 1), new float[2 * batch])));
    return kind.equals("constant")
        ? graph.addNode(0, constant("f", all))
        : graph.addInitializer(all);
  }

  private static NodeProto constant(String name, TensorProto value) {
    AttributeProto attribute =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(value)
            .build();
    return Models.node("Constant", List.of(), List.of(name), attribute);
  }

  /**
   * A recurrent layer of three units in both directions over four numbers in turn, and its last
   * state. It begins with a state of ones that the file holds for each of its images; in a file of
   * an open batch, for each there is.
   */
  public static GraphProto.Builder recurrent(String operator, int batch) {
    int gates = operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
    List<String> inputs = new ArrayList<>(List.of("s", "w", "r", "b", "", "h"));
    if (gates == 4) {
      inputs.add("h");
    }
    GraphProto.Builder graph = Models.graph(batch, 4, 2);
    if (batch < 0) {
      graph
          .addNode(Models.node("Shape", List.of("x"), List.of("all")))
          .addNode(Models.node("Gather", List.of("all", "zero"), List.of("n")))
          .addNode(
              Models.node(
                  "Concat", List.of("two", "n", "three"), List.of("c"), Models.number("axis", 0)))
          .addNode(Models.node("Expand", List.of("one", "c"), List.of("h")))
          .addInitializer(Models.longs("zero", 0))
          .addInitializer(Models.longs("two", 2))
          .addInitializer(Models.longs("three", 3))
          .addInitializer(Models.floats("one", new Shape(), 1));
    } else {
      float[] ones = new float[6 * batch];
      Arrays.fill(ones, 1);
      graph.addInitializer(Models.floats("h", new Shape(2, batch, 3), ones));
    }
    return graph
        .addNode(
            Models.node("Transpose", List.of("x"), List.of("s"), Models.numbers("perm", 1, 0, 2)))
        .addNode(
            Models.node(
                operator,
                inputs,
                List.of("all_states", "last"),
                Models.text("direction", "bidirectional"),
                Models.number("hidden_size", 3)))
        .addNode(
            Models.node(
                "Transpose",
                List.of("all_states"),
                List.of("t"),
                Models.numbers("perm", 2, 0, 1, 3)))
        .addNode(Models.node("Reshape", List.of("t", "flat"), List.of("f")))
        .addNode(
            Models.node(
                "Transpose", List.of("last"), List.of("l"), Models.numbers("perm", 1, 0, 2)))
        .addNode(Models.node("Reshape", List.of("l", "flat"), List.of("g")))
        .addNode(Models.node("Concat", List.of("f", "g"), List.of("y"), Models.number("axis", 1)))
        .addInitializer(Models.longs("flat", batch < 0 ? 0 : batch, -1))
        .addInitializer(Models.ramp("w", new Shape(2, 3 * gates, 2)))
        .addInitializer(Models.ramp("r", new Shape(2, 3 * gates, 3)))
        .addInitializer(Models.ramp("b", new Shape(2, 6 * gates)));
  }

  /** One query for each of two heads, over two rows of three numbers that each head has. */
  public static GraphProto.Builder queries() {
    return Models.graph(1, 4, 3)
        .addNode(Models.node("Reshape", List.of("x", "split"), List.of("h")))
        .addNode(Models.node("MatMul", List.of("q", "h"), List.of("m")))
        .addNode(Models.node("Reshape", List.of("m", "flat"), List.of("y")))
        .addInitializer(Models.floats("q", new Shape(2, 1, 2), 1, 2, 3, 4))
        .addInitializer(Models.longs("split", 2, 2, 3))
        .addInitializer(Models.longs("flat", 1, 6));
  }

  /** Maps of 2 by 2 at twice the size, which the file tells with its batch. */
  public static GraphProto.Builder resized(int batch) {
    return Models.graph(batch, 1, 2, 2)
        .addNode(
            Models.node(
                "Resize",
                List.of("x", "", "", "sizes"),
                List.of("y"),
                Models.text("mode", "nearest"),
                Models.text("coordinate_transformation_mode", "asymmetric"),
                Models.text("nearest_mode", "floor")))
        .addInitializer(Models.longs("sizes", batch, 1, 4, 4));
  }

  /** What {@link #heads} gives one image. */
  public static float[] attention(float[] x) {
    float[] result = new float[12];
    for (int head = 0; head < 2; head++) {
      for (int i = 0; i < 3; i++) {
        double[] weights = new double[3];
        double sum = 0;
        for (int j = 0; j < 3; j++) {
          double product = 0;
          for (int d = 0; d < 2; d++) {
            product += (double) x[4 * i + 2 * head + d] * x[4 * j + 2 * head + d];
          }
          weights[j] = Math.exp(product);
          sum += weights[j];
        }
        for (int d = 0; d < 2; d++) {
          for (int j = 0; j < 3; j++) {
            result[4 * i + 2 * head + d] += (float) (weights[j] / sum * x[4 * j + 2 * head + d]);
          }
        }
      }
    }
    return result;
  }

  /** The input minus the mean of its images. */
  public static GraphProto.Builder meanOfBatch(int batch) {
    return Models.graph(batch, 2)
        .addNode(Models.node("Identity", List.of("x"), List.of("i")))
        .addNode(Models.node("ReduceMean", List.of("i"), List.of("m"), Models.numbers("axes", 0)))
        .addNode(Models.node("Sub", List.of("x", "m"), List.of("y")));
  }

  /** The same behind a bias so large that what images do to each other is lost in its rounding. */
  public static GraphProto.Builder hiddenMeanOfBatch(int batch) {
    GraphProto.Builder graph = meanOfBatch(batch);
    graph.setNode(2, Models.node("Sub", List.of("x", "m"), List.of("apart")));
    return graph
        .addInitializer(Models.floats("bias", new Shape(2), 0, 1e5f))
        .addNode(Models.node("Add", List.of("apart", "bias"), List.of("y")));
  }

  /** The input plus a sum over images and rows in one axis, behind a gate that is hardly open. */
  public static GraphProto.Builder sumBehindAGate(int batch) {
    return Models.graph(batch, 3, 4)
        .addNode(Models.node("Reshape", List.of("x", "rows"), List.of("r")))
        .addNode(Models.node("Sub", List.of("r", "far"), List.of("s")))
        .addNode(Models.node("Relu", List.of("s"), List.of("g")))
        .addNode(Models.node("ReduceSum", List.of("g", "first"), List.of("m")))
        .addNode(Models.node("Add", List.of("x", "m"), List.of("y")))
        .addInitializer(Models.longs("rows", -1, 4))
        .addInitializer(Models.longs("first", 0))
        .addInitializer(Models.floats("far", new Shape(), 1000));
  }

  /** The gradient of the sum of outputs times weights. */
  public static float[] gradient(
      Model model, float[] images, Shape shape, float[] weights, String parameter) {
    NDArray array =
        Objects.requireNonNull(ParameterPaths.of(model.getBlock()).find(parameter))
            .parameter()
            .getArray();
    array.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector();
        NDManager manager = model.getNDManager().newSubManager()) {
      collector.zeroGradients();
      NDArray x = manager.create(images, shape);
      NDArray y =
          model
              .getBlock()
              .forward(new ParameterStore(manager, false), new NDList(x), true)
              .singletonOrThrow();
      collector.backward(y.mul(manager.create(weights, y.getShape())).sum());
      try (NDArray gradient = array.getGradient()) {
        return gradient.toFloatArray();
      }
    }
  }

  /** The last states of a recurrent layer in both directions, over two numbers at each step. */
  public static GraphProto.Builder lastStates(String operator, int steps, int hidden) {
    int gates = operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
    return Models.graph(1, steps, 2)
        .addNode(
            Models.node("Transpose", List.of("x"), List.of("s"), Models.numbers("perm", 1, 0, 2)))
        .addNode(
            Models.node(
                operator,
                List.of("s", "w", "r"),
                List.of("", "last"),
                Models.text("direction", "bidirectional"),
                Models.number("hidden_size", hidden)))
        .addNode(
            Models.node(
                "Transpose", List.of("last"), List.of("l"), Models.numbers("perm", 1, 0, 2)))
        .addNode(Models.node("Reshape", List.of("l", "flat"), List.of("y")))
        .addInitializer(Models.longs("flat", 1, -1))
        .addInitializer(Models.ramp("w", new Shape(2, (long) hidden * gates, 2)))
        .addInitializer(Models.ramp("r", new Shape(2, (long) hidden * gates, hidden)));
  }
}
