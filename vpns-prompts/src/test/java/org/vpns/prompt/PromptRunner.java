package org.vpns.prompt;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;

/** A prompt on a manager of its own, with short ways to feed it. */
final class PromptRunner implements AutoCloseable {
  final NDManager manager = NDManager.newBaseManager();
  final VisualPrompt prompt;

  PromptRunner(PromptFactory factory, ImageInput input) {
    prompt = factory.create(manager, input, new Random(1));
  }

  /** Output, gradient of sum(out * upstream) by the values, and by the images. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Pass(float[] out, float[] grad, float[] imageGrad) {}

  PromptRunner set(float... values) {
    NDArray array = prompt.delta().getArray();
    array.set(new NDIndex(":"), manager.create(values));
    return this;
  }

  PromptRunner fill(float value) {
    float[] values = new float[(int) prompt.parameterCount()];
    Arrays.fill(values, value);
    return set(values);
  }

  PromptRunner noise(long seed) {
    return set(noise((int) prompt.parameterCount(), -0.5f, 0.5f, seed));
  }

  float[] values() {
    return prompt.delta().getArray().toFloatArray();
  }

  float[] evaluate(float[] images, Shape shape) {
    return forward(images, shape, false);
  }

  float[] forward(float[] images, Shape shape, boolean training) {
    try (NDManager scope = manager.newSubManager()) {
      NDList x = new NDList(scope.create(images, shape));
      return prompt
          .forward(new ParameterStore(scope, false), x, training)
          .singletonOrThrow()
          .toFloatArray();
    }
  }

  float[] plain(float[] images, Shape shape) {
    try (NDManager scope = manager.newSubManager()) {
      return prompt
          .plain(new NDList(scope.create(images, shape)))
          .singletonOrThrow()
          .toFloatArray();
    }
  }

  Pass pass(float[] images, Shape shape, float[] upstream) {
    NDArray delta = prompt.delta().getArray();
    try (NDManager scope = manager.newSubManager();
        NDArray old = delta.getGradient()) {
      old.muli(0);
      NDArray x = scope.create(images, shape);
      x.setRequiresGradient(true);
      NDArray out;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        out =
            prompt
                .forward(new ParameterStore(scope, false), new NDList(x), true)
                .singletonOrThrow();
        collector.backward(out.mul(scope.create(upstream, out.getShape())).sum());
      }
      try (NDArray gradient = delta.getGradient()) {
        return new Pass(
            out.toFloatArray(), gradient.toFloatArray(), x.getGradient().toFloatArray());
      }
    }
  }

  /** A stream that draws the given place. */
  static RandomGenerator place(int row, int column) {
    return new RandomGenerator() {
      private boolean second;

      @Override
      public long nextLong() {
        throw new AssertionError("only places are drawn");
      }

      @Override
      public int nextInt(int bound) {
        int drawn = second ? column : row;
        second = !second;
        if (drawn >= bound) {
          throw new AssertionError(drawn + " is not below " + bound);
        }
        return drawn;
      }
    };
  }

  static float[] noise(int count, float from, float to, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = from + (to - from) * random.nextFloat();
    }
    return values;
  }

  @Override
  public void close() {
    manager.close();
  }
}
