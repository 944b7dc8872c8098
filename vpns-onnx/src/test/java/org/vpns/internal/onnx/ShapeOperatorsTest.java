package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.single;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shapes that a file computes, and what is cut, joined and padded by them. */
final class ShapeOperatorsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @Test
  void split_numOutputs_leavesTheLastPartShorter() {
    GraphProto.Builder graph =
        Models.graph(5)
            .addNode(
                node("Split", X, List.of("a", "b"), number("axis", 0), number("num_outputs", 2)))
            .addNode(node("Concat", List.of("b", "a"), Y, number("axis", 0)));
    check(
        Models.run(Models.file(18, graph), new Shape(5), 1, 2, 3, 4, 5),
        new Shape(5),
        4,
        5,
        1,
        2,
        3);
  }

  @Test
  void pad_axesAndNegativeWidths_padAndCrop() {
    NodeProto pad = node("Pad", List.of("x", "pads", "value", "axes"), Y);
    check(
        Models.run(
            single(
                18,
                new Shape(2, 3),
                pad,
                longs("pads", -1, 2),
                floats("value", new Shape(), 7),
                longs("axes", 1)),
            new Shape(2, 3),
            1,
            2,
            3,
            4,
            5,
            6),
        new Shape(2, 4),
        2,
        3,
        7,
        7,
        5,
        6,
        7,
        7);
  }

  @Test
  void reshape_zerosAndMinusOne_copyAndInfer() {
    TensorProto target = longs("s", 0, -1, 2);
    check(
        Models.run(
            single(13, new Shape(2, 4), node("Reshape", List.of("x", "s"), Y), target),
            new Shape(2, 4),
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8),
        new Shape(2, 2, 2),
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8);
    assertThatThrownBy(
            () ->
                Models.run(
                    single(
                        14,
                        new Shape(2, 4),
                        node("Reshape", List.of("x", "s"), Y, number("allowzero", 1)),
                        target),
                    new Shape(2, 4),
                    new float[8]))
        .hasMessageStartingWith("reshape does not keep the number of elements: test.onnx, node 0");
  }

  @Test
  void spaceToDepth_putsPlacesOrChannelsFirst() {
    Shape shape = new Shape(1, 2, 2, 2);
    float[] x = {1, 2, 3, 4, 5, 6, 7, 8};
    Shape result = new Shape(1, 8, 1, 1);
    NodeProto places = node("SpaceToDepth", X, Y, number("blocksize", 2));
    check(Models.run(single(13, shape, places), shape, x), result, 1, 5, 2, 6, 3, 7, 4, 8);
    NodeProto channels =
        node("SpaceToDepth", X, Y, number("blocksize", 2), Models.text("mode", "CRD"));
    check(Models.run(single(28, shape, channels), shape, x), result, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void shapeArithmetic_onTheHost_dividesTowardsZeroAndWraps() {
    // y = x reshaped to (size / 2, 2) with size from Shape
    GraphProto.Builder graph =
        Models.graph(-1)
            .addNode(node("Shape", X, List.of("s")))
            .addNode(node("Div", List.of("s", "two"), List.of("half")))
            .addNode(node("Concat", List.of("half", "two"), List.of("t"), number("axis", 0)))
            .addNode(node("Reshape", List.of("x", "t"), Y))
            .addInitializer(longs("two", 2));
    check(
        Models.run(Models.file(13, graph), new Shape(6), 1, 2, 3, 4, 5, 6),
        new Shape(3, 2),
        1,
        2,
        3,
        4,
        5,
        6);
    GraphProto.Builder negative =
        Models.graph(-1)
            .addNode(node("Div", List.of("minus", "two"), List.of("q")))
            .addNode(node("Cast", List.of("q"), List.of("f"), number("to", 1)))
            .addNode(node("Add", List.of("x", "f"), Y))
            .addInitializer(longs("minus", -3))
            .addInitializer(longs("two", 2));
    check(Models.run(Models.file(13, negative), new Shape(1), 0), new Shape(1), -1);
  }
}
