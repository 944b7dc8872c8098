package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Wide;
import org.vpns.internal.runtime.kernel.WinogradAcross;
import org.vpns.internal.runtime.kernel.WinogradConvolution;
import org.vpns.internal.runtime.kernel.WinogradInput;
import org.vpns.internal.runtime.plan.Program;
import org.vpns.internal.runtime.run.Runner;

/** Convolutions of 3 x 3 weights by patches. */
class WinogradTest {
  @Property(tries = 60)
  void convolution_ofAnyMap_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 17, max = 30) int inputs,
      @ForAll @IntRange(min = 17, max = 30) int outputs,
      @ForAll @IntRange(min = 11, max = 41) int height,
      @ForAll @IntRange(min = 11, max = 41) int width,
      @ForAll @IntRange(min = 0, max = 3) int padY,
      @ForAll @IntRange(min = 0, max = 3) int padX,
      @ForAll boolean bias) {
    Against.Build build = new Against.Build(new Shape(inputs, height, width));
    build.then(
        convolution(padY, padX),
        build.noise(seed, outputs, inputs, 3, 3),
        bias ? build.noise(seed + 1, outputs) : ModelGraph.ABSENT);

    Assume.that(!winograd(build).isEmpty());
    build.check(1, 3);
  }

  @Property(tries = 20)
  void convolution_ofAnImageWithABorder_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int bottom,
      @ForAll @IntRange(min = 0, max = 3) int left,
      @ForAll @IntRange(min = 0, max = 3) int right,
      @ForAll @IntRange(min = 13, max = 30) int size) {
    int channels = 24;
    Against.Build build = new Against.Build(new Shape(channels, size, size));
    build.then(new Shaping.Pad(new Shape(left, right, top, bottom), 0));
    build.then(convolution(0, 0), build.noise(seed, channels, channels, 3, 3));

    Assume.that(!winograd(build).isEmpty());
    build.check(1);
  }

  @Property(tries = 20)
  void result_thatIsAddedAndLimited_isTheEngines(
      @ForAll long seed, @ForAll @IntRange(min = 14, max = 40) int size) {
    int channels = 24;
    Against.Build build = new Against.Build(new Shape(channels, size, size));
    int image = build.last();
    build.then(
        convolution(1, 1),
        build.noise(seed, channels, channels, 3, 3),
        build.noise(seed + 1, channels));
    build.add(image);
    build.then(new Elementwise.Clip(-3, 9));
    build.then(convolution(1, 1), build.noise(seed + 2, channels, channels, 3, 3));

    Assume.that(winograd(build).size() == 2);
    build.check(2);
  }

  /** Lanes with one patch: outputs lie in lanes then, where there are 16. */
  @Property(tries = 40)
  void convolution_ofASmallMap_isTheEngines(
      @ForAll long seed,
      @ForAll @IntRange(min = 25, max = 70) int inputs,
      @ForAll @IntRange(min = 57, max = 130) int outputs,
      @ForAll @IntRange(min = 5, max = 10) int height,
      @ForAll @IntRange(min = 5, max = 10) int width,
      @ForAll boolean adds) {
    Against.Build build = new Against.Build(new Shape(inputs, height, width));
    build.then(
        new Layers.Convolution(new Shape(1, 1), new Shape(0, 0), new Shape(1, 1), 1),
        build.noise(seed, outputs, inputs, 1, 1));
    int before = build.last();
    build.then(
        convolution(1, 1),
        build.noise(seed + 1, outputs, outputs, 3, 3),
        build.noise(seed + 2, outputs));
    if (adds) {
      build.add(before);
      build.then(new Elementwise.Clip(-300, 900));
    }

    Assume.that(!winograd(build).isEmpty());
    build.check(1, 2);
  }

  /** Patches of so many planes do not fit the cache at once. */
  @Property(tries = 4)
  void patches_inChunks_giveTheEnginesNumbers(
      @ForAll long seed, @ForAll @IntRange(min = 35, max = 60) int size) {
    int channels = 70;
    Against.Build build = new Against.Build(new Shape(channels, size, size));
    build.then(convolution(1, 1), build.noise(seed, channels, channels, 3, 3));

    assertThat(winograd(build)).singleElement().matches(w -> w.pieces().size() > 2);
    build.check(1);
  }

  /** Sums of ones: 9 of each plane in the middle, 6 on an edge, 4 in a corner, without rounding. */
  @Example
  void ones_areCountedExactly() {
    int channels = 16;
    int size = 24;
    Against.Build build = new Against.Build(new Shape(channels, size, size));
    float[] ones = new float[channels * channels * 9];
    Arrays.fill(ones, 1);
    build.then(convolution(1, 1), build.parameter(new Shape(channels, channels, 3, 3), ones));
    float[] image = new float[channels * size * size];
    Arrays.fill(image, 1);
    float[] found = new float[image.length];

    try (Runner runner = new Runner(build.program(), 1)) {
      runner.run(image, 1, found);
    }

    assertThat(winograd(build)).hasSize(1);
    for (int i = 0; i < found.length; i++) {
      int y = i / size % size;
      int x = i % size;
      int rows = y == 0 || y == size - 1 ? 2 : 3;
      int columns = x == 0 || x == size - 1 ? 2 : 3;
      assertThat(found[i]).isEqualTo(channels * rows * columns);
    }
  }

  /** Of few weights that are there each is cheaper alone. */
  @Example
  void convolution_ofFewWeights_isSparse() {
    Against.Build build = new Against.Build(new Shape(16, 20, 20));
    float[] values = Against.noise(16 * 16 * 9, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 5 == 0 ? values[i] : 0;
    }
    build.then(convolution(1, 1), build.parameter(new Shape(16, 16, 3, 3), values));

    assertThat(winograd(build)).isEmpty();
  }

  /** No file or network makes one: a plan that did is refused before it runs. */
  @Example
  void patch_thatReadsOutsideOfItsInput_isRefused() {
    Planes two = new Planes(100, 2, 320, null);

    assertThat(WinogradInput.of(two, new int[] {0, 320 - Wide.LANES}, 0, 640)).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WinogradInput.of(two, new int[] {0, 321 - Wide.LANES}, 0, 640))
        .withMessageContaining("offsets from 0 to 640, found 0 to 641");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WinogradInput.of(two, new int[] {-1, 0}, 0, 640))
        .withMessageContaining("weight that reads outside of its input");
  }

  private static Layers.Convolution convolution(int padY, int padX) {
    return new Layers.Convolution(new Shape(1, 1), new Shape(padY, padX), new Shape(1, 1), 1);
  }

  private static List<? extends Step> winograd(Against.Build build) {
    Program program = build.program();
    return program.steps().stream()
        .filter(s -> s instanceof WinogradConvolution || s instanceof WinogradAcross)
        .toList();
  }
}
