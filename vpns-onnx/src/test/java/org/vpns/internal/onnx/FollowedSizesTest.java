package org.vpns.internal.onnx;

import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of a size that does not do, and of the size that the refusal asks for. */
final class FollowedSizesTest extends FollowedRemedies {
  /** Graphs that leave the size of images open, a size that does not do and one that does. */
  static List<Arguments> sizes() {
    Shape map = new Shape(-1, 1, -1, -1);
    Shape row = new Shape(-1, -1);
    String larger = "use larger images";
    String exported = "give the input the shape that the model was exported with";
    String check = "check the shape of the network's input";
    Shape two = new Shape(1, 2, 2);
    Shape three = new Shape(1, 3, 3);
    return List.of(
        Arguments.of(
            "window larger than its input",
            larger,
            single(map, on("Conv", List.of("w")), ones("w", 1, 1, 3, 3)),
            two,
            three,
            new double[] {45}),
        Arguments.of(
            "window larger than its input",
            larger,
            single(map, on("MaxPool", List.of(), numbers("kernel_shape", 3, 3))),
            two,
            three,
            new double[] {9}),
        Arguments.of(
            "padding removes the whole result",
            larger,
            single(
                map,
                on("ConvTranspose", List.of("w"), numbers("pads", 1, 1, 1, 1)),
                ones("w", 1, 1, 1, 1)),
            two,
            three,
            new double[] {5}),
        Arguments.of(
            "padding removes the whole input",
            larger,
            single(map, on("Pad", List.of("p")), longs("p", 0, 0, -3, 0, 0, 0, 2, 0)),
            new Shape(1, 2, 1),
            new Shape(1, 4, 1),
            new double[] {4, 0, 0}),
        Arguments.of(
            "reshape does not keep the number of elements",
            exported,
            single(row, on("Reshape", List.of("s")), longs("s", -1, 2, 2)),
            new Shape(3),
            new Shape(4),
            new double[] {1, 2, 3, 4}),
        Arguments.of(
            "axis to squeeze is not of size 1",
            exported,
            single(new Shape(-1, 2, -1), on("Squeeze", List.of("a")), longs("a", 2)),
            new Shape(2, 2),
            new Shape(2, 1),
            new double[] {1, 2}),
        Arguments.of(
            "input has another number of channels",
            check,
            single(new Shape(-1, -1, -1, -1), on("Conv", List.of("w")), ones("w", 1, 2, 1, 1)),
            new Shape(3, 1, 1),
            new Shape(2, 1, 1),
            new double[] {3}),
        Arguments.of(
            "matrices do not fit together",
            check,
            single(row, on("MatMul", List.of("w")), ones("w", 3, 1)),
            new Shape(2),
            new Shape(3),
            new double[] {6}),
        Arguments.of(
            "shapes do not fit together",
            check,
            single(row, on("Add", List.of("w")), ones("w", 3)),
            new Shape(2),
            new Shape(3),
            new double[] {2, 3, 4}),
        Arguments.of(
            "inputs do not fit the network",
            "hand in one array for each input, of its type and shape",
            single(row, on("Relu", List.of())),
            two,
            new Shape(2),
            new double[] {1, 2}),
        Arguments.of(
            "axis out of range",
            "check the shapes of the inputs",
            shapeless(single(row, on("ReduceSum", List.of("a")), longs("a", 3))),
            new Shape(2),
            new Shape(1, 1, 2),
            new double[] {3}),
        Arguments.of(
            "sequence too long",
            "use shorter sequences",
            graph(-1, -1, 1)
                .addNode(node("Transpose", X, List.of("t"), numbers("perm", 1, 0, 2)))
                .addNode(
                    node("RNN", List.of("t", "w", "w"), List.of("", "h"), number("hidden_size", 1)))
                .addNode(node("Squeeze", List.of("h", "a"), Y))
                .addInitializer(floats("w", new Shape(1, 1, 1), 0.5f))
                .addInitializer(longs("a", 0)),
            new Shape(1025, 1),
            new Shape(2, 1),
            new double[] {Math.tanh(0.5 * 2 + 0.5 * Math.tanh(0.5))}));
  }

  /** The same, with nothing said of the images' axes. */
  private static GraphProto.Builder shapeless(GraphProto.Builder graph) {
    graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape();
    return graph;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sizes")
  void sizeOfImages_isRefused_andAnotherReadsAsTheRefusalSays(
      String what, String remedy, GraphProto.Builder graph, Shape bad, Shape good, double[] result)
      throws IOException {
    Path file = write(graph);
    assertRefused(what, remedy, file, bad);
    float[] x = new float[(int) good.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = i + 1;
    }
    assertGives(file, new Shape(1).addAll(good), x, result);
  }
}
