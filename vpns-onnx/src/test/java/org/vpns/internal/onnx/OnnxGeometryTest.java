package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.ramp;
import static org.vpns.internal.onnx.Models.single;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** Sizes that make no sense are refused before the engine sees them. */
final class OnnxGeometryTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @Test
  void windows_mustHaveSizes() {
    for (String attribute : List.of("strides", "dilations", "kernel_shape")) {
      OnnxFileTest.refused(
              Models.graph(1, 1, 4, 4)
                  .addNode(node("Conv", List.of("x", "x"), Y, numbers(attribute, 0, 1))))
          .hasMessageStartingWith("attribute out of range: '" + attribute + "'");
    }
    OnnxFileTest.refused(
            Models.graph(1, 1, 4, 4)
                .addNode(node("Conv", List.of("x", "x"), Y, numbers("pads", -1, 0, 0, 0))))
        .hasMessageStartingWith("attribute out of range: 'pads'");
    OnnxFileTest.refused(
            Models.graph(1, 1, 4, 4)
                .addNode(node("Conv", List.of("x", "x"), Y, number("group", 0))))
        .hasMessageStartingWith("attribute out of range: 'group'");
  }

  private static AbstractThrowableAssert<?, ?> failing(
      Shape shape, NodeProto node, TensorProto... tensors) {
    OnnxFile file = single(13, shape, node, tensors);
    return assertThatThrownBy(() -> Models.run(file, shape, new float[(int) shape.size()]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(?s).+: test\\.onnx, node 0, .+; expected .+, found .+; .+\\.");
  }

  @Test
  void geometry_isCheckedBeforeTheEngineSeesIt() {
    Shape image = new Shape(1, 4, 5, 5);
    TensorProto weight = ramp("w", new Shape(6, 2, 3, 3));
    List<String> inputs = List.of("x", "w");
    failing(image, node("Conv", inputs, Y), weight)
        .hasMessageStartingWith("input has another number of channels")
        .hasMessageContaining("expected 2, found 4");
    failing(image, node("Conv", inputs, Y, number("group", 4)), weight)
        .hasMessageStartingWith("group does not divide the output channels");
    failing(image, node("Conv", inputs, Y, number("group", 2), numbers("strides", 1)), weight)
        .hasMessageStartingWith("attribute does not fit the input: 'strides'");
    failing(
            image,
            node("Conv", inputs, Y, number("group", 2), numbers("kernel_shape", 3, 2)),
            weight)
        .hasMessageStartingWith("attribute does not fit the weight: 'kernel_shape'");
    failing(image, node("Conv", inputs, Y, number("group", 2), numbers("dilations", 3, 3)), weight)
        .hasMessageStartingWith("window larger than its input");
    failing(
            image,
            node(
                "Conv",
                inputs,
                Y,
                number("group", 2),
                numbers("pads", 1 << 30, 1 << 30, 1 << 30, 1 << 30)),
            weight)
        .hasMessageStartingWith("values too large");
    failing(
            image,
            node("MaxPool", X, Y, numbers("kernel_shape", 2, 2), numbers("pads", 2, 0, 0, 0)))
        .hasMessageStartingWith("padding not smaller than the window");
    failing(new Shape(2, 3), node("MatMul", inputs, Y), ramp("w", new Shape(2, 2)))
        .hasMessageStartingWith("matrices do not fit together");
    failing(new Shape(2, 3), node("Add", inputs, Y), ramp("w", new Shape(2, 2)))
        .hasMessageStartingWith("shapes do not fit together");
    failing(new Shape(2, 3), node("Softmax", X, Y, number("axis", 2)))
        .hasMessageStartingWith("axis out of range");
    failing(new Shape(2, 3), node("Transpose", X, Y, numbers("perm", 1, 1)))
        .hasMessageStartingWith("permutation does not fit");
    failing(new Shape(2, 3), node("Gather", List.of("x", "i"), Y), longs("i", 5))
        .hasMessageStartingWith("index out of range");
    failing(new Shape(2, 3), node("Tile", List.of("x", "i"), Y), longs("i", 1 << 30, 1 << 30))
        .hasMessageStartingWith("values too large");
    failing(new Shape(2, 3), node("Tile", List.of("x", "i"), Y), longs("i", -1, 1))
        .hasMessageStartingWith("repeats do not fit");
  }

  @Test
  void constantArithmetic_thatFailsOrGrows_isRefusedWhenTheBlockIsMade() {
    GraphProto.Builder division =
        OnnxFileTest.relu()
            .addNode(node("Div", List.of("one", "zero"), List.of("d")))
            .addOutput(ValueInfoProto.newBuilder().setName("d"))
            .addInitializer(longs("one", 1))
            .addInitializer(longs("zero", 0));
    assertThatThrownBy(() -> Program.of(Models.file(13, division)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("node cannot run: test.onnx, node 1, Div");
    GraphProto.Builder growth =
        OnnxFileTest.relu()
            .addNode(node("ConstantOfShape", List.of("s"), List.of("d")))
            .addOutput(ValueInfoProto.newBuilder().setName("d"))
            .addInitializer(longs("s", 1_000_000, 1_000_000));
    assertThatThrownBy(() -> Program.of(Models.file(13, growth)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("constant too large: test.onnx, node 1, ConstantOfShape");
  }
}
