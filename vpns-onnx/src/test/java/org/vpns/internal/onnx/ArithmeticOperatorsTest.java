package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.real;
import static org.vpns.internal.onnx.Models.single;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** Values worked by hand, beside the cases of the ONNX project. */
final class ArithmeticOperatorsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

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
  void cast_toHalf_roundsOnTheEngineAndOnTheHost() {
    // 11 binary digits: 0.1 is 1638.4 / 2^14, 2049 a tie, 65519 still finite, 65520 not
    NodeProto cast = node("Cast", X, Y, number("to", 10));
    float infinite = Float.POSITIVE_INFINITY; // as masks of attention hold it
    float[] values = {0.1f, 2049, 2051, 65519, 65520, -1e-8f, 6e-8f, infinite, -infinite};
    double[] halves = {
      1638 / 16384.0, 2048, 2052, 65504, infinite, 0, 1 / 16777216.0, infinite, -infinite
    };
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

  /** To half precision, to double precision, and back again. */
  @ParameterizedTest
  @ValueSource(ints = {10, 11})
  void cast_betweenFloats_letsGradientsPass(int type, @TempDir Path folder) throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 2)
            .addNode(node("Mul", List.of("x", "w"), List.of("a")))
            .addNode(node("Cast", List.of("a"), List.of("b"), number("to", type)))
            .addNode(node("Cast", List.of("b"), Y, number("to", 1)))
            .addInitializer(floats("w", new Shape(2), 1, 2));
    float[] images = {1, 2, 4, 8};
    float[] weights = {1e-9f, 1, 0, 2};
    try (Model model = Onnx.read(FixedFiles.write(folder, graph))) {
      // sums over the images of image times weight, 1 and below what a half can hold
      assertThat(FixedFiles.gradient(model, images, new Shape(2, 2), weights, "w"))
          .containsExactly(1e-9f, 18);
    }
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

  /** The square root of the integer 4 is not the integer 4. */
  @ParameterizedTest
  @ValueSource(strings = {"Sqrt", "Exp", "Log", "Sin", "Cos", "Reciprocal", "Erf", "Tan", "IsInf"})
  void integers_whereTheStandardHasFloats_areRefusedByNode(String operator) {
    Shape shape = new Shape(1, 2);
    NodeProto ofStored = node(operator, List.of("four"), Y);
    assertThatThrownBy(
            () -> Models.run(single(13, shape, ofStored, Models.longs("four", 4, 4)), shape, 1, 2))
        .hasMessageContaining("integers where the operator is of floats")
        .hasMessageContaining("node 0, " + operator);
  }
}
