package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.runtime.kernel.Cuts;
import org.vpns.internal.runtime.kernel.Geometry;

/** Convolutions of any shape against the engine. */
class ConvolutionLawsTest {
  @Property(tries = 150)
  void convolution_ofAnyShape_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 7) int kernelY,
      @ForAll @IntRange(min = 1, max = 7) int kernelX,
      @ForAll @IntRange(min = 1, max = 3) int strideY,
      @ForAll @IntRange(min = 1, max = 3) int strideX,
      @ForAll @IntRange(min = 0, max = 4) int padY,
      @ForAll @IntRange(min = 0, max = 4) int padX,
      @ForAll @IntRange(min = 1, max = 2) int dilation,
      @ForAll @IntRange(min = 1, max = 4) int groups,
      @ForAll @IntRange(min = 0, max = 19) int moreY,
      @ForAll @IntRange(min = 0, max = 37) int moreX) {
    Random random = new Random(seed);
    int in = groups * (1 + random.nextInt(3));
    int out = groups * (1 + random.nextInt(4));
    int height = Math.max(1, dilation * (kernelY - 1) + 1 - 2 * padY + moreY);
    int width = Math.max(1, dilation * (kernelX - 1) + 1 - 2 * padX + moreX);
    double density = random.nextInt(3) * 0.5;
    Against.Build build = new Against.Build(new Shape(in, height, width));
    Shape shape = new Shape(out, in / groups, kernelY, kernelX);
    float[] values = Against.noise((int) shape.size(), seed);
    for (int i = 1; i < values.length; i++) {
      values[i] = random.nextDouble() < density ? values[i] : 0;
    }
    int weight = build.parameter(shape, values);
    int bias =
        padY + padX > 0 || random.nextBoolean() // a window of zeros alone has nothing to compare
            ? build.noise(seed + 1, out)
            : ModelGraph.ABSENT;
    build.then(
        new Layers.Convolution(
            new Shape(strideY, strideX),
            new Shape(padY, padX),
            new Shape(dilation, dilation),
            groups),
        weight,
        bias);
    if (random.nextBoolean()) {
      build.then(new Elementwise.Clip(-1, 2));
    }
    build.check(1 + random.nextInt(2));
  }

  @Property(tries = 40)
  void convolution_ofAnImageWithABorder_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int kernel,
      @ForAll @IntRange(min = 1, max = 2) int stride,
      @ForAll @IntRange(min = 0, max = 2) int top,
      @ForAll @IntRange(min = 0, max = 2) int bottom,
      @ForAll @IntRange(min = 0, max = 2) int left,
      @ForAll @IntRange(min = 0, max = 2) int right,
      @ForAll @IntRange(min = 4, max = 17) int size) {
    Against.Build build = new Against.Build(new Shape(2, size, size));
    build.then(new Shaping.Pad(new Shape(left, right, top, bottom), 0));
    int weight = build.noise(seed, 3, 2, kernel, kernel);
    build.then(
        new Layers.Convolution(new Shape(stride, stride), new Shape(0, 0), new Shape(1, 1), 1),
        weight);
    build.check(1);
  }

  /** A residual sum is one of the weights. */
  @Property(tries = 40)
  void convolution_whoseResultIsAdded_isTheEngines(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 31) int size, @ForAll boolean dense) {
    Against.Build build = new Against.Build(new Shape(5, size, size));
    Layers.Convolution same =
        new Layers.Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1);
    float[] values = Against.noise(5 * 5 * 9, seed);
    for (int i = 0; i < values.length && !dense; i += 1 + i % 3) {
      values[i] = 0;
    }
    int weight = build.parameter(new Shape(5, 5, 3, 3), values);
    int image = build.last();
    int first = build.then(same, weight).then(relu()).last();
    int second = build.then(same, weight).last();
    build.on(new Elementwise.Binary(Elementwise.Pair.ADD), java.util.List.of(first, second));
    int sum = build.then(relu()).last();
    build.on(new Elementwise.Binary(Elementwise.Pair.ADD), java.util.List.of(sum, image));
    build.check(2);
  }

  /** Sums of a cut are stored, and the next cut goes on from there. */
  @Property(tries = 25)
  void convolution_ofManyChannels_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 5, max = 33) int size,
      @ForAll @IntRange(min = 1, max = 2) int groups) {
    int channels = 96;
    float[] values = Against.noise(channels * channels * 9, seed);
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < 0.3 ? values[i] : 0;
    }
    Geometry geometry = Geometry.of(size, size, new Geometry.Halo(1, 1, 1, 1));
    assertThat(Cuts.of(geometry, channels, 2, 2, 0.3 * channels * 9)).isGreaterThan(1);
    Against.Build build = new Against.Build(new Shape(groups * channels, size, size));
    int image = build.last();
    int weight =
        build.parameter(new Shape(groups * channels, channels, 3, 3), repeated(values, groups));
    int bias = build.noise(1, groups * channels);
    build.then(
        new Layers.Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), groups),
        weight,
        bias);
    int sum = build.last();
    build.on(new Elementwise.Binary(Elementwise.Pair.ADD), java.util.List.of(sum, image));
    build.then(random.nextBoolean() ? relu() : new Elementwise.Clip(-20, 25));
    build.check(1);
  }

  private static float[] repeated(float[] values, int times) {
    float[] all = new float[times * values.length];
    for (int i = 0; i < times; i++) {
      System.arraycopy(values, 0, all, i * values.length, values.length);
    }
    return all;
  }

  private static Elementwise.Unary relu() {
    return new Elementwise.Unary(Elementwise.Function.RELU);
  }
}
