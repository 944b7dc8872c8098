package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.single;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which axes a reduction takes. */
final class ReductionOperatorsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @Test
  void reduceMean_axesAsInputFromOperatorSet18_areAnAttributeBefore() {
    Shape shape = new Shape(2, 2);
    check(
        Models.run(
            single(
                18,
                shape,
                node("ReduceMean", List.of("x", "axes"), Y, number("keepdims", 0)),
                longs("axes", -1)),
            shape,
            1,
            3,
            5,
            9),
        new Shape(2),
        2,
        7);
    check(
        Models.run(
            single(17, shape, node("ReduceMean", X, Y, numbers("axes", 0), number("keepdims", 1))),
            shape,
            1,
            3,
            5,
            9),
        new Shape(1, 2),
        3,
        6);
    assertThatThrownBy(() -> single(18, shape, node("ReduceMean", X, Y, numbers("axes", 0))))
        .hasMessageContaining("attribute not supported")
        .hasMessageContaining("'axes'");
  }

  @Test
  void reduceMean_overSpatialAxes_isGlobalPooling() {
    Shape shape = new Shape(1, 2, 1, 2);
    for (int keep : new int[] {0, 1}) {
      NodeProto mean = node("ReduceMean", X, Y, numbers("axes", 2, 3), number("keepdims", keep));
      check(
          Models.run(single(13, shape, mean), shape, 1, 2, 5, 9),
          keep == 1 ? new Shape(1, 2, 1, 1) : new Shape(1, 2),
          1.5,
          7);
    }
  }
}
