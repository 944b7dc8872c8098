package org.vpns.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Gradients of a backward pass before which Java has given unused memory to others. */
public final class LateGradients {
  private static final int ROUNDS = 2;
  private static final int BUFFERS = 20_000;

  private LateGradients() {}

  /** What the sum of a function's values gives at a vector x. */
  public static float[] of(UnaryOperator<NDArray> function, float... x) {
    try (NDManager manager = NDManager.newBaseManager();
        NDArray borrowed = manager.create(x)) {
      NDArray leaf = borrowed.duplicate();
      leaf.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray sum = function.apply(leaf).sum();
        reuseMemory();
        collector.backward(sum);
      }
      return leaf.getGradient().toFloatArray();
    }
  }

  /** Fills what the garbage collector finds with other numbers. */
  private static void reuseMemory() {
    List<ByteBuffer> held = new ArrayList<>();
    byte[] others = new byte[Double.BYTES];
    Arrays.fill(others, (byte) 'A');
    for (int round = 0; round < ROUNDS; round++) {
      System.gc();
      for (int i = 0; i < BUFFERS; i++) {
        int size = i % 2 == 0 ? Float.BYTES : Double.BYTES;
        held.add(ByteBuffer.allocateDirect(size).put(others, 0, size));
      }
    }
  }
}
