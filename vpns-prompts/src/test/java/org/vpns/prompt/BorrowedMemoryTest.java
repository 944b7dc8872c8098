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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ImageInput;

/**
 * An array made from Java values borrows their memory outside the heap. A constant that the
 * backward pass still needs must not lose it when its handle is closed and the garbage collector
 * runs in between: an index then pointed anywhere, and a run of many steps failed now and then.
 */
class BorrowedMemoryTest {
  private static final ImageInput INPUT =
      ImageInput.of(1, 32, 32)
          .imageSize(20, 20)
          .normalisation(new float[] {0.286f}, new float[] {0.353f});

  @ParameterizedTest
  @ValueSource(strings = {"pad", "fix", "random"})
  void gradient_whenGarbageIsCollectedBeforeTheBackwardPass_isTheSame(String kind) {
    PromptSpec spec =
        switch (kind) {
          case "pad" -> Prompts.pad(8);
          case "fix" -> Prompts.fix(20);
          default -> Prompts.random(20);
        };
    try (PromptRunner runner = new PromptRunner(spec, INPUT)) {
      runner.noise(3);
      float[] undisturbed = gradient(runner, false);
      for (int i = 0; i < 5; i++) {
        assertThat(gradient(runner, true)).isEqualTo(undisturbed);
      }
    }
  }

  private static float[] gradient(PromptRunner runner, boolean disturb) {
    NDArray delta = runner.prompt.delta().getArray();
    float[] images = PromptRunner.noise(4 * 1024, 0, 1, 5);
    float[] upstream = PromptRunner.noise(4 * 1024, -1, 1, 6);
    try (NDManager scope = runner.manager.newSubManager();
        NDArray old = delta.getGradient();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      old.muli(0);
      NDArray x = scope.create(images, new Shape(4, 1, 32, 32));
      runner.prompt.draw(PromptRunner.place(3, 5), 4);
      NDArray out =
          runner
              .prompt
              .forward(new ParameterStore(scope, false), new NDList(x), true)
              .singletonOrThrow();
      NDArray sum = out.mul(scope.create(upstream, out.getShape())).sum();
      List<ByteBuffer> garbage = disturb ? overwriteFreedMemory() : List.of();
      collector.backward(sum);
      assertThat(garbage).doesNotContainNull();
      try (NDArray gradient = delta.getGradient()) {
        return gradient.toFloatArray();
      }
    }
  }

  /** Frees what only garbage refers to and takes its place. */
  private static List<ByteBuffer> overwriteFreedMemory() {
    List<ByteBuffer> taken = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      System.gc();
      try {
        Thread.sleep(20); // the cleaner frees memory on a thread of its own
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      for (int bytes : new int[] {4, 8, 3_200, 4_096, 6_144, 8_192}) {
        for (int i = 0; i < 64; i++) {
          ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
          while (buffer.hasRemaining()) {
            buffer.put((byte) 0x41);
          }
          taken.add(buffer);
        }
      }
    }
    return taken;
  }
}
