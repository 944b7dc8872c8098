package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.single;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sizes and scales of images. */
final class ResizeOperatorsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @Test
  void upsample_ofOperatorSets7To9_repeatsOrMixes() {
    Shape shape = new Shape(1, 1, 2);
    NodeProto old = node("Upsample", X, Y, Models.reals("scales", 1, 1, 2));
    check(Models.run(single(7, shape, old), shape, 1, 3), new Shape(1, 1, 4), 1, 1, 3, 3);
    NodeProto linear = node("Upsample", List.of("x", "s"), Y, text("mode", "linear"));
    TensorProto scales = floats("s", new Shape(3), 1, 1, 2);
    check(
        Models.run(single(9, shape, linear, scales), shape, 1, 3), new Shape(1, 1, 4), 1, 2, 3, 3);
    assertThatThrownBy(() -> single(10, shape, linear, scales))
        .hasMessageContaining("operator no longer in the format");
  }

  @Test
  void resize_ofOneImage_keepsEachOfThree() {
    // sizes say 1 image; nearest of half_pixel: positions 0.25 and 1.75 of 4 and so on
    NodeProto node = node("Resize", List.of("x", "", "", "s"), Y, text("nearest_mode", "floor"));
    Shape shape = new Shape(3, 1, 4);
    OnnxFile file = single(13, new Shape(-1, 1, 4), node, longs("s", 1, 1, 2));
    check(
        Models.run(file, shape, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        new Shape(3, 1, 2),
        0,
        2,
        4,
        6,
        8,
        10);
  }

  @Test
  void resize_ofGivenAxes_pairsThemWithTheirScales() {
    Shape shape = new Shape(1, 1, 2, 1);
    TensorProto scales = floats("s", new Shape(2), 1, 2);
    NodeProto node = node("Resize", List.of("x", "", "s"), Y, numbers("axes", 3, 2));
    check(
        Models.run(single(18, shape, node, scales), shape, 1, 2),
        new Shape(1, 1, 4, 1),
        1,
        1,
        2,
        2);
    NodeProto twice = node("Resize", List.of("x", "", "s"), Y, numbers("axes", 2, -2));
    assertThatThrownBy(() -> Models.run(single(18, shape, twice, scales), shape, 1, 2))
        .hasMessageStartingWith("axis given twice");
  }
}
