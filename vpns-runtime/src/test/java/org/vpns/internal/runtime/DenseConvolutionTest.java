package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.runtime.kernel.DenseConvolution;
import org.vpns.internal.runtime.run.Runner;

/** Convolutions of which most weights are there, and that are none of patches. */
class DenseConvolutionTest {
  /** Blocks of all sizes: whole tiles, and what is left of them. */
  @Property(tries = 60)
  void convolution_ofAnyMap_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int kernel,
      @ForAll @IntRange(min = 1, max = 40) int inputs,
      @ForAll @IntRange(min = 1, max = 30) int outputs,
      @ForAll @IntRange(min = 4, max = 60) int height,
      @ForAll @IntRange(min = 4, max = 60) int width,
      @ForAll boolean bias) {
    Against.Build build = new Against.Build(new Shape(inputs, height, width));
    build.then(
        strided(kernel, 2),
        build.noise(seed, outputs, inputs, kernel, kernel),
        bias ? build.noise(seed + 1, outputs) : ModelGraph.ABSENT);

    assertThat(steps(build)).isEqualTo(1);
    build.check(1, 2);
  }

  /** More weights than a thread packs at once, with what is added, and limits, at the end only. */
  @Property(tries = 12)
  void sumsOfSeveralCuts_areTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 1100, max = 4500) int inputs,
      @ForAll @IntRange(min = 1, max = 9) int outputs,
      @ForAll @IntRange(min = 4, max = 12) int size,
      @ForAll boolean adds) {
    Against.Build build = new Against.Build(new Shape(inputs, size, size));
    int image = build.last();
    build.then(strided(1, 1), build.noise(seed, outputs, inputs, 1, 1));
    int other = build.last();
    build.on(strided(1, 1), java.util.List.of(image, build.noise(seed + 1, outputs, inputs, 1, 1)));
    if (adds) {
      build.add(other);
    }
    build.then(new Elementwise.Clip(-40, 30));

    assertThat(steps(build)).isPositive();
    build.check(1, 2);
  }

  /** Sums of ones: as many as there are weights, without rounding. */
  @Example
  void ones_areCountedExactly() {
    int inputs = 5000;
    Against.Build build = new Against.Build(new Shape(inputs, 7, 7));
    float[] ones = new float[6 * inputs];
    Arrays.fill(ones, 1);
    build.then(strided(1, 1), build.parameter(new Shape(6, inputs, 1, 1), ones));
    float[] image = new float[inputs * 49];
    Arrays.fill(image, 1);
    float[] found = new float[6 * 49];

    try (Runner runner = new Runner(build.program(), 2)) {
      runner.run(image, 1, found);
    }

    assertThat(found).containsOnly(inputs);
  }

  private static Layers.Convolution strided(int kernel, int stride) {
    return new Layers.Convolution(
        new Shape(stride, stride), new Shape(kernel / 2, kernel / 2), new Shape(1, 1), 1);
  }

  private static long steps(Against.Build build) {
    return build.program().steps().stream().filter(s -> s instanceof DenseConvolution).count();
  }
}
