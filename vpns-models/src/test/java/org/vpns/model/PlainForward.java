package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.assertj.core.api.Assertions;
import org.assertj.core.data.Offset;
import org.vpns.testing.Engines;

/**
 * A network written down a second time, as calls with parameter names: batch norm and ReLU6 by
 * their formulas. The check that the block has the same wiring.
 */
final class PlainForward {
  private final Map<String, NDArray> arrays;
  private final Set<String> used = new HashSet<>();

  private PlainForward(Map<String, NDArray> arrays) {
    this.arrays = arrays;
  }

  /**
   * Fills the plan's block with random numbers, and asserts that for random images it gives the
   * logits of the function, and that the function used every parameter.
   */
  static void assertSame(NetworkPlan plan, BiFunction<PlainForward, NDArray, NDArray> function) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = Networks.filled(plan, manager, 5);
      Shape images = new Shape(3).addAll(plan.inputShape().slice(1));
      NDArray x = manager.arange((float) images.size()).mul(0.37f).sin().reshape(images);
      PlainForward plain = new PlainForward(Networks.arrays(block));
      NDArray expected = function.apply(plain, x);
      Assertions.assertThat(expected.getShape()).isEqualTo(new Shape(3, plan.classes()));
      Assertions.assertThat(plain.used).isEqualTo(plain.arrays.keySet());
      float[] logits = Engines.evaluate(block, x.toFloatArray(), images);
      // float32 on both sides, batch norm in another order of operations: a few units in the last
      // place in each of at most 30 layers
      float size = expected.abs().max().getFloat();
      Assertions.assertThat(size).isPositive();
      Assertions.assertThat(logits)
          .containsExactly(expected.toFloatArray(), Offset.offset(2e-5f * size));
      // all images alike would hide a wrong batch axis
      Assertions.assertThat(logits[0]).isNotEqualTo(logits[plan.classes()]);
    }
  }

  private NDArray get(String name) {
    used.add(name);
    return Objects.requireNonNull(arrays.get(name), name);
  }

  NDArray conv(NDArray x, String name, int stride, int padding) {
    return conv(x, name, stride, padding, 1);
  }

  NDArray conv(NDArray x, String name, int stride, int padding, int groups) {
    return Conv2d.conv2d(
            x,
            get(name + ".weight"),
            arrays.containsKey(name + ".bias") ? get(name + ".bias") : null,
            new Shape(stride, stride),
            new Shape(padding, padding),
            new Shape(1, 1),
            groups)
        .singletonOrThrow();
  }

  NDArray norm(NDArray x, String name, double epsilon) {
    NDArray deviation = channels(name + ".running_var").add(epsilon).sqrt();
    return x.sub(channels(name + ".running_mean"))
        .div(deviation)
        .mul(channels(name + ".weight"))
        .add(channels(name + ".bias"));
  }

  private NDArray channels(String name) {
    return get(name).reshape(1, -1, 1, 1);
  }

  NDArray linear(NDArray x, String name) {
    return Linear.linear(x, get(name + ".weight"), get(name + ".bias")).singletonOrThrow();
  }

  static NDArray relu(NDArray x) {
    return x.maximum(0f);
  }

  static NDArray relu6(NDArray x) {
    return x.maximum(0f).minimum(6f);
  }

  static NDArray maxPool(NDArray x, int kernel, int stride, int padding) {
    return Pool.maxPool2d(
        x,
        new Shape(kernel, kernel),
        new Shape(stride, stride),
        new Shape(padding, padding),
        false);
  }

  /** Mean over height and width. */
  static NDArray average(NDArray x) {
    return x.mean(new int[] {3}).mean(new int[] {2});
  }
}
