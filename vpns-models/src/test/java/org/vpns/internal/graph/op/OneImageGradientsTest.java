package org.vpns.internal.graph.op;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.op.ForwardPass;

/** What a layer's gradients are does not hang on how many images there are. */
final class OneImageGradientsTest {
  private static final int SIZE = 3 * 4 * 5;

  /** The engine's gradients of one image were wrong where axes are swapped after the norm. */
  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void batchNorm_thenSwappedAxes_hasOneImagesGradientInABatchOfAny(int axis) {
    float[] ofTwo = gradient(axis, 2);
    Offset<Float> rounding = Offset.offset(1e-5f); // of numbers below 100
    assertThat(gradient(axis, 1)).containsExactly(Arrays.copyOf(ofTwo, SIZE), rounding);
  }

  /** Of the sum of outputs, as a sequence of places, each times a number of its own. */
  private static float[] gradient(int axis, int images) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Layers.BatchNorm norm = new Layers.BatchNorm(axis, 0.9f, 1e-5f);
      NDArray x = manager.arange(images * SIZE).reshape(images, 3, 4, 5);
      x = x.toType(DataType.FLOAT32, false);
      x.setRequiresGradient(true);
      NDArray mean = manager.create(new float[] {1, 2, 3});
      NDArray variance = manager.create(new float[] {1, 4, 9});
      NDArray scale = manager.create(new float[] {5, 6, 7});
      NDArray shift = manager.create(new float[] {8, 9, 10});
      NDArray numbers = manager.create(new Shape(images, 4 * 5, 3));
      numbers.set(fractions((int) numbers.size()));
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray[] in = {x, mean, variance, scale, shift};
        NDArray y = norm.apply(in, new ForwardPass(false, images, manager))[0];
        collector.backward(y.reshape(images, 3, 20).transpose(0, 2, 1).mul(numbers).sum());
      }
      return x.getGradient().toFloatArray();
    }
  }

  private static float[] fractions(int count) {
    float[] made = new float[count];
    for (int i = 0; i < count; i++) {
      made[i] = i % 7 / 7f;
    }
    return made;
  }
}
