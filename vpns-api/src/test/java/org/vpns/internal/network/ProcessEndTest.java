package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads rest before the process ends, and no longer than that is waited for them. */
final class ProcessEndTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Makes passes until it is interrupted; an end leaves it at rest for good. */
  private static Thread working(AtomicInteger passes, ProcessEnd.Worker[] worker)
      throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              worker[0] = ProcessEnd.enter();
              begun.countDown();
              while (!Thread.currentThread().isInterrupted()) {
                ProcessEnd.pass();
                passes.incrementAndGet();
              }
            });
    thread.setDaemon(true);
    thread.start();
    assertThat(begun.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return thread;
  }

  @Test
  void stop_ofAThreadThatMakesPasses_leavesItAtRestBeforeTheNext() throws Exception {
    AtomicInteger passes = new AtomicInteger();
    ProcessEnd.Worker[] worker = new ProcessEnd.Worker[1];
    Thread thread = working(passes, worker);
    worker[0].stop(LONG);
    int made = passes.get();
    assertThat(thread.getState()).isEqualTo(Thread.State.WAITING);
    thread.interrupt(); // it does not go on by that
    Thread.sleep(20);
    assertThat(passes).hasValue(made);
    assertThat(thread.isAlive()).isTrue();
  }

  @Test
  void stop_ofAThreadThatIsNoLongerAtWork_orOfTheCallers_waitsForNothing() throws Exception {
    AtomicInteger passes = new AtomicInteger();
    ProcessEnd.Worker[] worker = new ProcessEnd.Worker[1];
    Thread thread = working(passes, worker);
    worker[0].close();
    worker[0].stop(Duration.ofDays(1));
    assertThat(thread.getState()).isEqualTo(Thread.State.RUNNABLE);
    thread.interrupt();
    thread.join(LONG.toMillis());
    assertThat(thread.isAlive()).isFalse();
    // as a listener that ends the process
    try (ProcessEnd.Worker own = ProcessEnd.enter()) {
      own.stop(Duration.ofDays(1));
    }
    ProcessEnd.pass();
  }
}
