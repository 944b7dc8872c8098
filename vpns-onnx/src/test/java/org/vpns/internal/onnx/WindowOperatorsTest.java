package org.vpns.internal.onnx;

import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.single;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Windows at the rim, where padding is uneven, counted or cut. */
final class WindowOperatorsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @Test
  void averagePool_paddingNotCounted_dividesByWhatIsInside() {
    // a 3 x 3 window on 2 x 2 ones, padded by 1: always all four ones
    Shape shape = new Shape(1, 1, 2, 2);
    NodeProto pool =
        node("AveragePool", X, Y, numbers("kernel_shape", 3, 3), numbers("pads", 1, 1, 1, 1));
    check(Models.run(single(17, shape, pool), shape, 1, 1, 1, 1), shape, 1, 1, 1, 1);
    NodeProto counted = pool.toBuilder().addAttribute(number("count_include_pad", 1)).build();
    check(
        Models.run(single(17, shape, counted), shape, 1, 1, 1, 1),
        shape,
        4 / 9.0,
        4 / 9.0,
        4 / 9.0,
        4 / 9.0);
  }

  @Test
  void averagePool_ceilModeAndCountedPadding_countsWhatTheFilePads() {
    // 1 to 5 and one zero each side: (0 1 2) (2 3 4) (4 5 0), the last one whole; of (1 2 3 4) the
    // window behind (1 2 0 ...): windows (0 1 2) (2 3 4) (4 0 -), of which one cell hangs over
    NodeProto pool =
        node(
            "AveragePool",
            X,
            Y,
            numbers("kernel_shape", 3),
            numbers("strides", 2),
            numbers("pads", 1, 1),
            number("ceil_mode", 1),
            number("count_include_pad", 1));
    Shape shape = new Shape(1, 1, 4);
    Shape result = new Shape(1, 1, 3);
    check(Models.run(single(19, shape, pool), shape, 1, 2, 3, 4), result, 1, 3, 2);
    // before operator set 19 runtimes divide by the whole window
    check(Models.run(single(18, shape, pool), shape, 1, 2, 3, 4), result, 1, 3, 4 / 3.0);
  }

  /** As PyTorch wrote {@code ceil_mode} into operator sets that had none. */
  @Test
  void pool_paddingBehindTheLastWindow_isLeftOut() {
    Shape shape = new Shape(1, 1, 4);
    for (String operator : List.of("MaxPool", "AveragePool")) {
      NodeProto pool =
          node(
              operator,
              X,
              Y,
              numbers("kernel_shape", 2),
              numbers("strides", 3),
              numbers("pads", 1, 2));
      // of 0, then -1 to -4, then two zeros: windows (0 -1) (-3 -4)
      boolean max = operator.equals("MaxPool");
      check(
          Models.run(single(9, shape, pool), shape, -1, -2, -3, -4),
          new Shape(1, 1, 2),
          -1,
          max ? -3 : -3.5);
    }
  }

  @Test
  void maxPool_paddingOnOneSide_neverWinsOverNegativeValues() {
    Shape shape = new Shape(1, 1, 3);
    NodeProto pool = node("MaxPool", X, Y, numbers("kernel_shape", 2), numbers("pads", 1, 0));
    check(Models.run(single(12, shape, pool), shape, -3, -2, -5), shape, -3, -2, -2);
  }

  @Test
  void convolution_paddingOnOneSide_padsThere() {
    // kernel (1, 10) on 1 2 3 with a zero in front: 0 1 | 1 2 | 2 3
    Shape shape = new Shape(1, 1, 3);
    NodeProto conv = node("Conv", List.of("x", "w"), Y, numbers("pads", 1, 0));
    check(
        Models.run(single(13, shape, conv, floats("w", new Shape(1, 1, 2), 1, 10)), shape, 1, 2, 3),
        shape,
        10,
        21,
        32);
  }

  @Test
  void convTranspose_groupsAndOutputPadding_areTheDefinition() {
    // out[2 i + k] += x[i] w[k] for each of two groups, one more zero at the end
    NodeProto node =
        node(
            "ConvTranspose",
            List.of("x", "w", "b"),
            Y,
            numbers("strides", 2),
            numbers("output_padding", 1),
            number("group", 2));
    Shape shape = new Shape(1, 2, 2);
    check(
        Models.run(
            single(
                11,
                shape,
                node,
                floats("w", new Shape(2, 1, 3), 1, 2, 3, 10, 20, 30),
                floats("b", new Shape(2), 0, 100)),
            shape,
            1,
            2,
            3,
            4),
        new Shape(1, 2, 6),
        1,
        2,
        5,
        4,
        6,
        0,
        130,
        160,
        230,
        180,
        220,
        100);
  }

  @Test
  void convTranspose_ofPaddingBeyondTheWindow_cutsValuesAway() {
    // a window of 1 reaches no further than its value, so of five 3 x only the middle one stays
    NodeProto node = node("ConvTranspose", List.of("x", "w"), Y, numbers("pads", 2, 2));
    Shape shape = new Shape(1, 1, 5);
    check(
        Models.run(
            single(11, shape, node, floats("w", new Shape(1, 1, 1), 3)), shape, 1, 2, 3, 4, 5),
        new Shape(1, 1, 1),
        9);
  }
}
