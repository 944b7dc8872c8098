package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.runtime.kernel.PooledConvolution;

/** Convolutions that are pooled some outputs at a time. */
class PooledConvolutionTest {
  private static final Shape IMAGE = new Shape(2, 80, 80);
  private static final int OUTPUTS = 33;

  /** 33 maps of 80 x 80 numbers take 845 kB, the borders left out: more than goes at a time. */
  @ParameterizedTest
  @CsvSource({"MAX, true", "MAX, false", "AVERAGE, false"})
  void pooling_ofLargeOutputs_isTheEngines(Pooling.Kind kind, boolean relu) {
    Against.Build build = convolution();
    if (relu) {
      build.then(new Elementwise.Unary(Elementwise.Function.RELU));
    }
    pool(build, kind);

    assertThat(pooled(build)).singleElement().matches(p -> p.chunks() > 1);
    build.check(1);
  }

  @ParameterizedTest
  @CsvSource({"MAX", "AVERAGE"})
  void outputs_thatOthersReadToo_areKept(Pooling.Kind kind) {
    Against.Build build = convolution();
    int outputs = build.last();
    pool(build, kind);
    int pooled = build.last();
    Shape shape = new Shape(OUTPUTS, OUTPUTS, 2, 2);
    int weight = build.parameter(shape, Against.noise((int) shape.size(), 3));
    build.on(
        new Layers.Convolution(new Shape(2, 2), new Shape(0, 0), new Shape(1, 1), 1),
        List.of(outputs, weight));
    build.add(pooled);

    assertThat(pooled(build)).isEmpty();
    build.check(1);
  }

  private static Against.Build convolution() {
    Against.Build build = new Against.Build(IMAGE);
    float[] values = Against.noise(OUTPUTS * 2 * 9, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 3 == 0 ? values[i] : 0;
    }
    int weight = build.parameter(new Shape(OUTPUTS, 2, 3, 3), values);
    int bias = build.noise(2, OUTPUTS);
    return build.then(
        new Layers.Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1), weight, bias);
  }

  private static void pool(Against.Build build, Pooling.Kind kind) {
    build.then(
        new Pooling.Pool(kind, new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false, true));
  }

  private static List<PooledConvolution> pooled(Against.Build build) {
    return build.program().steps().stream()
        .filter(PooledConvolution.class::isInstance)
        .map(PooledConvolution.class::cast)
        .toList();
  }
}
