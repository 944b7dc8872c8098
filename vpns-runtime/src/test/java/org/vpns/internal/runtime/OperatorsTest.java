package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.runtime.plan.Planner;

/** Every operator but convolutions against the engine. */
class OperatorsTest {
  private static final Shape IMAGE = new Shape(5, 13, 18);

  @Property(tries = 120)
  void pooling_ofAnyShape_isTheEngines(
      @ForAll long seed,
      @ForAll boolean largest,
      @ForAll boolean ceil,
      @ForAll boolean atLeastZero,
      @ForAll @IntRange(min = 1, max = 5) int kernelY,
      @ForAll @IntRange(min = 1, max = 5) int kernelX,
      @ForAll @IntRange(min = 1, max = 3) int strideY,
      @ForAll @IntRange(min = 1, max = 3) int strideX,
      @ForAll @IntRange(min = 0, max = 28) int moreY,
      @ForAll @IntRange(min = 0, max = 28) int moreX) {
    Random random = new Random(seed);
    int padY = random.nextInt(kernelY / 2 + 1);
    int padX = random.nextInt(kernelX / 2 + 1);
    Shape image = new Shape(3, kernelY + moreY, kernelX + moreX);
    Against.Build build = new Against.Build(image);
    if (atLeastZero) {
      build.then(new Elementwise.Unary(Elementwise.Function.RELU));
    }
    build.then(
        new Pooling.Pool(
            largest ? Pooling.Kind.MAX : Pooling.Kind.AVERAGE,
            new Shape(kernelY, kernelX),
            new Shape(strideY, strideX),
            new Shape(padY, padX),
            ceil,
            true));
    build.check(1);
  }

  static Stream<Operator> operators() {
    List<Operator> all = new ArrayList<>();
    for (Elementwise.Function f :
        List.of(
            Elementwise.Function.RELU,
            Elementwise.Function.SIGMOID,
            Elementwise.Function.TANH,
            Elementwise.Function.GELU,
            Elementwise.Function.SOFTPLUS,
            Elementwise.Function.SOFTSIGN,
            Elementwise.Function.ERF,
            Elementwise.Function.SQUARE,
            Elementwise.Function.EXP,
            Elementwise.Function.NEG,
            Elementwise.Function.ABS,
            Elementwise.Function.STOP_GRADIENT)) {
      all.add(new Elementwise.Unary(f));
    }
    for (Elementwise.Pair f :
        List.of(
            Elementwise.Pair.ADD,
            Elementwise.Pair.SUB,
            Elementwise.Pair.MUL,
            Elementwise.Pair.DIV,
            Elementwise.Pair.MAX,
            Elementwise.Pair.MIN)) {
      all.add(Elementwise.WithNumber.of(f, 0.7f));
    }
    all.add(new Elementwise.Sloped(true, 0.7f));
    all.add(new Elementwise.Sloped(false, 0.1f));
    all.add(new Elementwise.Clip(-0.3, 0.9));
    all.add(new Elementwise.Cast(DataType.FLOAT32));
    all.add(new Layers.Dropout(0.5f));
    all.add(new Pooling.GlobalPool(Pooling.Kind.MAX));
    all.add(new Pooling.GlobalPool(Pooling.Kind.AVERAGE));
    all.add(new Reductions.Reduce(Reductions.Kind.MEAN, List.of(2), true));
    all.add(new Reductions.Reduce(Reductions.Kind.MEAN, List.of(-1), false));
    all.add(new Reductions.Reduce(Reductions.Kind.SUM, List.of(1), true));
    all.add(new Reductions.Reduce(Reductions.Kind.MAX, List.of(3), true));
    all.add(new Reductions.Reduce(Reductions.Kind.MIN, List.of(2), false));
    all.add(Shaping.Reshape.to(0, -1));
    all.add(Shaping.Reshape.to(0, 6, 5, -1));
    all.add(new Shaping.Transpose(List.of(0, 3, 1, 2)));
    all.add(new Shaping.Pad(new Shape(1, 2, 0, 1), 0));
    all.add(new Shaping.Pad(new Shape(0, 0, 1, 0, 2, 1), -1.5));
    all.add(new Shaping.Flip(List.of(3)));
    all.add(
        new Indexing.Slice(
            List.of(
                Indexing.Range.ALL,
                Indexing.Range.ALL,
                new Indexing.Range(1L, null, 2L, false),
                new Indexing.Range(null, -3L, 3L, false))));
    all.add(
        new Indexing.Slice(List.of(Indexing.Range.ALL, new Indexing.Range(2L, 3L, null, false))));
    all.add(new Joining.Split(List.of(2L, 4L), 1));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void operator_onMaps_isTheEngines(Operator operator) {
    new Against.Build(IMAGE).then(operator).check(1, 3);
  }

  /** The result is read with its neighbours, so that what lies around the blocks counts. */
  @ParameterizedTest
  @MethodSource("operators")
  void operator_beforeAConvolution_isTheEngines(Operator operator) {
    Against.Build build = new Against.Build(IMAGE).then(operator);
    Shape made = operator.outputShapes(List.of(new Shape(1).addAll(IMAGE)), 1).get(0);
    if (made.dimension() == 4) {
      int channels = (int) made.get(1);
      int weight = build.noise(3, 2, channels, 3, 3);
      build.then(
          new Layers.Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1), weight);
    }
    build.check(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Elementwise.Pair.class,
      names = {"ADD", "SUB", "MUL", "MAX", "MIN"})
  void functionOfTwo_ofMapsAndANumberPerChannel_isTheEngines(Elementwise.Pair function) {
    Against.Build build = new Against.Build(IMAGE);
    int image = build.last();
    int means =
        build
            .then(new Pooling.GlobalPool(Pooling.Kind.AVERAGE))
            .then(Shaping.Reshape.to(0, 0, 1, 1))
            .last();
    build.on(new Elementwise.Binary(function), List.of(image, means));
    build.check(1, 2);

    build = new Against.Build(IMAGE);
    int row = build.noise(1, 5, 1, 1);
    build.then(new Elementwise.Binary(function), row).check(1);

    build = new Against.Build(IMAGE);
    image = build.last();
    int plane = build.noise(1, 13, 18);
    build.on(new Elementwise.Binary(function), List.of(plane, image)).check(1);
  }

  @Test
  void squeezeAndExcite_isTheEngines() {
    Against.Build build = new Against.Build(IMAGE);
    int image = build.last();
    Layers.Convolution one =
        new Layers.Convolution(new Shape(1, 1), new Shape(0, 0), new Shape(1, 1), 1);
    build.then(new Pooling.GlobalPool(Pooling.Kind.AVERAGE)).then(Shaping.Reshape.to(0, 0, 1, 1));
    build.then(one, build.noise(1, 2, 5, 1, 1));
    build.then(new Elementwise.Unary(Elementwise.Function.RELU));
    build.then(one, build.noise(2, 5, 2, 1, 1));
    int gate = build.then(new Elementwise.Unary(Elementwise.Function.SIGMOID)).last();
    build.on(new Elementwise.Binary(Elementwise.Pair.MUL), List.of(image, gate));
    build.check(1, 3);
  }

  @Test
  void batchNorm_thatNothingTakesIn_isTheEngines() {
    Against.Build build = new Against.Build(IMAGE);
    Shape five = new Shape(5);
    int mean = build.statistic(Parameter.Type.RUNNING_MEAN, five, Against.noise(5, 1));
    float[] variances = {1, 2, 0.5f, 3, 0.1f};
    int variance = build.statistic(Parameter.Type.RUNNING_VAR, five, variances);
    int scale = build.noise(2, 5);
    int shift = build.noise(3, 5);
    Layers.BatchNorm norm = new Layers.BatchNorm(1, 0.9f, 1e-5f);
    build.then(norm, mean, variance, scale, shift);
    build.then(new Pooling.GlobalPool(Pooling.Kind.AVERAGE));
    build.then(norm, mean, variance, scale, shift).check(1, 2);
  }

  @Property(tries = 40)
  void linear_ofAnyWidth_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 90) int in,
      @ForAll @IntRange(min = 1, max = 40) int out,
      @ForAll boolean dense) {
    Against.Build build = new Against.Build(new Shape(in));
    float[] values = Against.noise(in * out, seed);
    Random random = new Random(seed);
    for (int i = 1; i < values.length && !dense; i++) {
      values[i] = random.nextInt(5) == 0 ? values[i] : 0;
    }
    int weight = build.parameter(new Shape(out, in), values);
    int bias = build.noise(seed + 1, out);
    build.then(new Layers.Linear(), weight, bias).check(1, 2);
  }

  @Test
  void matrixProduct_withAParameter_isTheEngines() {
    Against.Build build = new Against.Build(new Shape(7));
    int matrix = build.noise(1, 7, 9);
    build.then(new Layers.MatMul(false), matrix).check(1, 4);
  }

  @ParameterizedTest
  @MethodSource("axes")
  void concat_alongAnyAxis_isTheEngines(int axis) {
    Against.Build build = new Against.Build(IMAGE);
    int image = build.last();
    int other = build.then(new Elementwise.Unary(Elementwise.Function.TANH)).last();
    build.on(new Joining.Concat(axis), List.of(image, other, image));
    int channels = axis == 1 ? 15 : 5;
    int weight = build.noise(3, 2, channels, 3, 3);
    build.then(
        new Layers.Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1), weight);
    build.check(1, 2);
  }

  static Stream<Integer> axes() {
    return Stream.of(1, 2, 3, -1);
  }

  @Test
  void network_withOtherOperators_isRefusedByTheirNames() {
    Against.Build build =
        new Against.Build(new Shape(7))
            .then(new Reductions.Softmax(1, false))
            .then(new Elementwise.Unary(Elementwise.Function.SIN));
    var network = build.network(Map.of());

    assertThatThrownBy(() -> Planner.plan(network.graph(), new Shape(7), p -> new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sin (n1), softmax (n0)")
        .hasMessageContaining("ONNX Runtime");
  }

  @Test
  void network_thatMixesImages_isRefused() {
    var network =
        new Against.Build(new Shape(4, 4)).then(Shaping.Reshape.to(-1, 4)).network(Map.of());

    assertThatThrownBy(() -> Planner.plan(network.graph(), new Shape(4, 4), p -> new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reshape (n0)");
  }
}
