package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.real;
import static org.vpns.internal.onnx.Models.single;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.testing.Engines;

/** What the ONNX project's older cases do not show, worked by hand. */
final class OnnxOperatorTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  private static void check(HostTensor actual, Shape shape, double... expected) {
    assertThat(actual.shape()).isEqualTo(shape);
    double[] values = actual.toDoubles();
    for (int i = 0; i < expected.length; i++) {
      // expected values are written with seven digits or are exact
      assertThat(values[i]).as("element %d", i).isCloseTo(expected[i], within());
    }
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-6);
  }

  @Test
  void gelu_bothForms_areTheFormulas() {
    Shape shape = new Shape(3);
    // x/2 (1 + erf(x/sqrt 2)) at -1, 0, 2
    check(
        Models.run(single(20, shape, node("Gelu", X, Y)), shape, -1, 0, 2),
        shape,
        -0.1586553,
        0,
        1.9544997);
    // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
    check(
        Models.run(
            single(20, shape, node("Gelu", X, Y, text("approximate", "tanh"))), shape, -1, 0, 2),
        shape,
        -0.1588080,
        0,
        1.9545977);
    assertThatThrownBy(() -> single(17, shape, node("Gelu", X, Y)))
        .hasMessageContaining("1 x Gelu (not before operator set 20)");
  }

  @Test
  void mish_isXTanhSoftplus() {
    check(
        Models.run(single(18, new Shape(2), node("Mish", X, Y)), new Shape(2), 0, 1),
        new Shape(2),
        0,
        0.8650984);
  }

  @Test
  void groupNormalization_twoGroups_normalisesEachAndScalesByChannel() {
    // groups (1, 3) and (2, 6): centred -1, 1 and -2, 2; variances 1 and 4
    Shape shape = new Shape(1, 4, 1);
    NodeProto group =
        node(
            "GroupNormalization",
            List.of("x", "scale", "shift"),
            Y,
            number("num_groups", 2),
            real("epsilon", 0));
    check(
        Models.run(
            single(
                21,
                shape,
                group,
                floats("scale", new Shape(4), 1, 2, 3, 4),
                floats("shift", new Shape(4), 0, 0, 10, 10)),
            shape,
            1,
            3,
            2,
            6),
        shape,
        -1,
        2,
        7,
        14);
  }

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
  void clip_boundsOfBothForms_holdOnTheirSides() {
    Shape shape = new Shape(3);
    check(
        Models.run(single(10, shape, node("Clip", X, Y, real("max", 1))), shape, -9, 0, 9),
        shape,
        -9,
        0,
        1);
    NodeProto lower = node("Clip", List.of("x", "low", ""), Y);
    check(
        Models.run(single(13, shape, lower, floats("low", new Shape(), -1)), shape, -9, 0, 9),
        shape,
        -1,
        0,
        9);
  }

  @Test
  void softmax_beforeOperatorSet13_normalisesAllAxesFromTheGivenOne() {
    // all four numbers of an image together; from 13 on, only the two along the axis
    Shape shape = new Shape(1, 2, 2);
    NodeProto softmax = node("Softmax", X, Y, number("axis", 1));
    check(Models.run(single(12, shape, softmax), shape, 0, 0, 0, 0), shape, 0.25, 0.25, 0.25, 0.25);
    check(Models.run(single(13, shape, softmax), shape, 0, 0, 0, 0), shape, 0.5, 0.5, 0.5, 0.5);
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
        4);
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
  void gather_scalarIndexDropsTheAxis_vectorKeepsIt() {
    Shape shape = new Shape(2, 2);
    TensorProto scalar = longs("i", 1).toBuilder().clearDims().build();
    NodeProto gather = node("Gather", List.of("x", "i"), Y, number("axis", 1));
    check(Models.run(single(13, shape, gather, scalar), shape, 1, 2, 3, 4), new Shape(2), 2, 4);
    check(
        Models.run(single(13, shape, gather, longs("i", -1)), shape, 1, 2, 3, 4),
        new Shape(2, 1),
        2,
        4);
    check(
        Models.run(single(13, shape, gather, longs("i", 1, 0, 1)), shape, 1, 2, 3, 4),
        new Shape(2, 3),
        2,
        1,
        2,
        4,
        3,
        4);
  }

  @Test
  void gather_manyScatteredRowsOfAParameter_givesThem() {
    long[] rows = new long[150];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (i * 37L + i * i) % 50;
    }
    GraphProto.Builder graph =
        Models.graph(-1, 150, 2)
            .addNode(node("Gather", List.of("table.weight", "rows"), List.of("g")))
            .addNode(node("Add", List.of("x", "g"), Y))
            .addInitializer(Models.ramp("table.weight", new Shape(50, 2)))
            .addInitializer(longs("rows", rows));
    float[] table = Models.ramp(100);
    HostTensor out = Models.run(Models.file(13, graph), new Shape(1, 150, 2), new float[300]);
    for (int i = 0; i < 300; i++) {
      assertThat((float) out.doubleAt(i)).isEqualTo(table[(int) rows[i / 2] * 2 + i % 2]);
    }
    // not from a parameter: elements that are not chosen may be infinite
    Shape shape = new Shape(50, 2);
    float[] input = Models.ramp(100);
    input[1] = Float.POSITIVE_INFINITY;
    HostTensor taken =
        Models.run(
            single(13, shape, node("Gather", List.of("x", "i"), Y), longs("i", rows)),
            shape,
            input);
    for (int i = 0; i < 300; i++) {
      assertThat((float) taken.doubleAt(i)).isEqualTo(input[(int) rows[i / 2] * 2 + i % 2]);
    }
  }

  @Test
  void gemm_alphaBetaAndTransposedA_areTheFormula() {
    // 2 A' B + 3 C with A' = (1 3; 2 4), B = (1 0; 0 1), C = (10 20)
    Shape shape = new Shape(2, 2);
    NodeProto gemm =
        node(
            "Gemm",
            List.of("x", "w", "c"),
            Y,
            number("transA", 1),
            real("alpha", 2),
            real("beta", 3));
    check(
        Models.run(
            single(
                13,
                shape,
                gemm,
                floats("w", new Shape(2, 2), 1, 0, 0, 1),
                floats("c", new Shape(2), 10, 20)),
            shape,
            1,
            2,
            3,
            4),
        shape,
        32,
        66,
        34,
        68);
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

  @Test
  void dropout_followsTheFlagOfThePass() {
    OnnxFile file =
        single(
            13,
            new Shape(1000),
            node("Dropout", List.of("x", "ratio"), Y),
            floats("ratio", new Shape(), 0.5f));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(file, manager);
      float[] input = new float[1000];
      Arrays.fill(input, 1);
      Shape shape = new Shape(1000);
      assertThat(Engines.forward(block, input, shape, false)).containsExactly(input);
      float[] dropped = Engines.forward(block, input, shape, true);
      int zeros = 0;
      for (float value : dropped) {
        assertThat(value).isIn(0f, 2f);
        zeros += value == 0 ? 1 : 0;
      }
      // binomial with deviation 16: eight deviations never happen
      assertThat(zeros).isBetween(370, 630);
    }
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

  @Test
  void cast_toHalf_roundsOnTheEngineAndOnTheHost() {
    // 11 binary digits: 0.1 is 1638.4 / 2^14, 2049 a tie, 65519 still finite, 65520 not
    NodeProto cast = node("Cast", X, Y, number("to", 10));
    float[] values = {0.1f, 2049, 2051, 65519, 65520, -1e-8f, 6e-8f};
    double infinite = Double.POSITIVE_INFINITY;
    double[] halves = {1638 / 16384.0, 2048, 2052, 65504, infinite, 0, 1 / 16777216.0};
    Shape shape = new Shape(values.length);
    double[] onEngine = Models.run(single(13, shape, cast), shape, values).toDoubles();
    GraphProto.Builder stored =
        Models.graph(values.length)
            .addInitializer(floats("c", shape, values))
            .addNode(node("Cast", List.of("c"), List.of("h"), number("to", 10)))
            .addNode(node("Mul", List.of("x", "h"), Y));
    float[] ones = new float[values.length];
    Arrays.fill(ones, 1);
    double[] onHost = Models.run(Models.file(13, stored), shape, ones).toDoubles();
    for (int i = 0; i < halves.length; i++) {
      assertThat(onEngine[i] + 0.0).as("element %d", i).isEqualTo(halves[i]);
      assertThat(onHost[i] + 0.0).as("element %d", i).isEqualTo(halves[i]);
    }
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
  void scatterND_theSamePlacesInEachImage_putsThere() {
    Shape shape = new Shape(2, 3);
    NodeProto node = node("ScatterND", List.of("x", "i", "u"), Y);
    TensorProto index =
        longs("i", 0, 2, 1, 2).toBuilder().clearDims().addDims(2).addDims(1).addDims(2).build();
    TensorProto updates = floats("u", new Shape(2, 1), 8, 9);
    check(
        Models.run(single(13, shape, node, index, updates), shape, 1, 2, 3, 4, 5, 6),
        shape,
        1,
        2,
        8,
        4,
        5,
        9);
  }
}
