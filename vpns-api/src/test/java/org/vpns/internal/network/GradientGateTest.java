package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A gate that is shut leaves the engine's recording as it was. */
final class GradientGateTest {
  /** Whether what is computed now from a weight is kept for a backward pass. */
  private static boolean records(NDManager manager) {
    try (NDArray weight = manager.ones(new Shape(1))) {
      weight.setRequiresGradient(true);
      try (NDArray twice = weight.mul(2)) {
        return twice.hasGradient();
      }
    }
  }

  @Test
  void refusal_whileAnotherThreadRecords_leavesRecordingAsItWas() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      // the engine's recording is off in the thread that began it, and after any collector's end
      boolean before = records(manager);
      Thread other =
          new Thread(
              () -> {
                try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                  open.countDown();
                  end.await();
                } catch (Throwable e) {
                  failure.set(e);
                  open.countDown();
                }
              });
      other.start();
      open.await();
      try {
        assertThatThrownBy(() -> GradientGate.open(manager))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith("gradient collector in use");
        assertThatThrownBy(() -> GradientGate.take(manager, "a run"))
            .hasMessageStartingWith("gradient collector in use");
        assertThat(records(manager)).isEqualTo(before);
      } finally {
        end.countDown();
        other.join();
      }
      assertThat(failure.get()).isNull();
      GradientGate.open(manager).close();
      assertThat(records(manager)).isEqualTo(before);
    }
  }
}
