package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;

/**
 * The backward pass reads constants of the forward pass. Once they lay in memory of Java, freed as
 * soon as their handles were closed and the garbage collector came by between the two passes.
 */
final class BackwardMemoryTest {
  private static final ImageInput INPUT =
      ImageInput.of(3, 32, 32).imageSize(20, 20).imageNetNormalisation();

  @Test
  void gradient_withGarbageCollectionBeforeBackward_staysTheSame() throws Exception {
    try (PromptRunner runner = new PromptRunner(Prompts.fix(20), INPUT)) {
      runner.noise(3);
      float[] images = PromptRunner.noise(3 * 24 * 24, 0.2f, 0.8f, 4);
      float[] expected = gradient(runner, images, false);
      for (int i = 0; i < 3; i++) {
        assertThat(gradient(runner, images, true)).containsExactly(expected);
      }
    }
  }

  private static float[] gradient(PromptRunner runner, float[] images, boolean collect)
      throws InterruptedException {
    NDArray delta = runner.prompt.delta().getArray();
    try (NDManager scope = runner.manager.newSubManager();
        NDArray old = delta.getGradient();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      old.muli(0);
      NDArray x = scope.create(images, new Shape(1, 3, 24, 24));
      NDArray out =
          runner
              .prompt
              .forward(new ParameterStore(scope, false), new NDList(x), true)
              .singletonOrThrow();
      NDArray sum = out.square().sum();
      List<ByteBuffer> overwritten = collect ? collectAndOverwrite() : List.of();
      collector.backward(sum);
      assertThat(overwritten).hasSize(collect ? 4000 : 0);
      try (NDArray gradient = delta.getGradient()) {
        return gradient.toFloatArray();
      }
    }
  }

  /** Frees what nobody holds and fills the freed places, from a few bytes to an index array. */
  private static List<ByteBuffer> collectAndOverwrite() throws InterruptedException {
    System.gc();
    Thread.sleep(100);
    List<ByteBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      int size = i % 2 == 0 ? 12 : 9600;
      ByteBuffer buffer = ByteBuffer.allocateDirect(size);
      while (buffer.hasRemaining()) {
        buffer.put((byte) 0x7f);
      }
      buffers.add(buffer);
    }
    return buffers;
  }
}
