package org.vpns.internal.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Layers;

/** The gradient that is put together in Java against the engine's, for any geometry. */
final class LayerGradientTest {
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void gradient_ofAnyConvolution_isTheEngines(@ForAll long seed) {
    Random random = new Random(seed);
    int groups = 1 + random.nextInt(3);
    Shape kernel = pair(random, 1, 3);
    Shape dilation = pair(random, 1, 2);
    Layers.Convolution conv =
        new Layers.Convolution(pair(random, 1, 3), pair(random, 0, 2), dilation, groups);
    long high = dilation.get(0) * (kernel.get(0) - 1) + 1 + random.nextInt(4);
    long wide = dilation.get(1) * (kernel.get(1) - 1) + 1 + random.nextInt(4);
    int ins = 1 + random.nextInt(3);
    check(
        conv,
        new Shape((long) groups * (1 + random.nextInt(3)), ins).addAll(kernel),
        new Shape(1, (long) groups * ins, high, wide),
        random);
  }

  @Property(tries = 20, shrinking = ShrinkingMode.OFF)
  void gradient_ofAnyLinearLayer_isTheEngines(@ForAll long seed) {
    Random random = new Random(seed);
    int ins = 1 + random.nextInt(20);
    check(new Layers.Linear(), new Shape(1 + random.nextInt(20), ins), new Shape(1, ins), random);
  }

  private static Shape pair(Random random, int least, int most) {
    int range = most - least + 1;
    return new Shape(least + random.nextInt(range), least + random.nextInt(range));
  }

  /** R = sum of the outputs times random numbers; 1e-12 is for sums of some hundred doubles. */
  private static void check(Operator operator, Shape weight, Shape input, Random random) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray w = numbers(manager, weight, random);
      NDArray x = numbers(manager, input, random);
      w.setRequiresGradient(true);
      NDArray y = operator.apply(new NDArray[] {x, w}, new ForwardPass(false, 1, manager))[0];
      NDArray outgoing = numbers(manager, y.getShape(), random);
      collector.backward(y.mul(outgoing).sum());
      double[] expected = w.getGradient().toDoubleArray();
      LayerGradient gradient =
          LayerGradient.of(
              operator, weight, input, x.toDoubleArray(), y.getShape(), outgoing.toDoubleArray());
      double[] row = new double[(int) weight.slice(1).size()];
      for (int i = 0; i < weight.get(0); i++) {
        gradient.row(i, row);
        for (int k = 0; k < row.length; k++) {
          assertThat(row[k]).isCloseTo(expected[i * row.length + k], Offset.offset(1e-12));
        }
      }
    }
  }

  private static NDArray numbers(NDManager manager, Shape shape, Random random) {
    double[] values = new double[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return manager.create(values, shape).toType(DataType.FLOAT64, true);
  }

  @Test
  void layers_ofManyPositions_areLeftToTheEngine() {
    Layers.Convolution conv =
        new Layers.Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1);
    assertThat(LayerGradient.pays(conv, new Shape(-1, 64, 4, 4))).isTrue();
    assertThat(LayerGradient.pays(conv, new Shape(-1, 64, 5, 4))).isFalse();
    assertThat(LayerGradient.pays(new Layers.Linear(), new Shape(-1, 1000))).isTrue();
    assertThat(LayerGradient.pays(new Layers.Linear(), new Shape(-1, 7, 1000))).isFalse();
  }
}
