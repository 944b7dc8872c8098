package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.vpns.train.RunListener;

/** Who makes which run, and who is told. */
class ParallelRunsTest {
  /** Workers that only note what they are asked for. */
  private static class Noted implements Workers.Session {
    final Queue<Integer> made = new ConcurrentLinkedQueue<>();
    final Set<Thread> threads = Collections.newSetFromMap(new ConcurrentHashMap<>());
    private final int slots;

    Noted(int slots) {
      this.slots = slots;
    }

    @Override
    public int slots() {
      return slots;
    }

    @Override
    public void make(int index, RunListener listener) throws IOException, ExecutionException {
      threads.add(Thread.currentThread());
      made.add(index);
    }

    @Override
    public void close() {}
  }

  /** What was told, and by which threads. */
  private static final class Heard implements ParallelRuns.Told {
    final List<String> words = new ArrayList<>();
    final Set<Thread> tellers = Collections.newSetFromMap(new ConcurrentHashMap<>());

    /** Those of other tests may still be about to end. */
    private final Set<Thread> before = Thread.getAllStackTraces().keySet();

    long workers;

    @Override
    public RunListener started(int index) {
      words.add("started " + index);
      tellers.add(Thread.currentThread());
      return new RunListener() {};
    }

    @Override
    public void ended(int index, @Nullable Throwable failure) {
      words.add("ended " + index + (failure == null ? "" : ", " + failure.getMessage()));
      tellers.add(Thread.currentThread());
      workers =
          Math.max(
              workers,
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().equals("study worker"))
                  .filter(thread -> !before.contains(thread))
                  .count());
    }
  }

  @Test
  void chains_areMadeInOrder_andToldByWhoWaits() throws IOException {
    Noted session = new Noted(2);
    Heard heard = new Heard();

    new ParallelRuns(session, heard).make(List.of(List.of(0, 3), List.of(1), List.of(2, 4)));

    assertThat(session.made).hasSize(5).containsSubsequence(0, 3).containsSubsequence(2, 4);
    assertThat(heard.words)
        .hasSize(10)
        .containsSubsequence("started 0", "ended 0", "started 3", "ended 3");
    assertThat(heard.tellers).containsExactly(Thread.currentThread());
    assertThat(session.threads).doesNotContain(Thread.currentThread());
  }

  /** A cluster may have thousands of executors; threads are taken for those that have work. */
  @Test
  void slots_beyondTheChains_takeNoThreads() throws IOException {
    Heard heard = new Heard();

    new ParallelRuns(new Noted(5_000), heard).make(List.of(List.of(0, 1, 2), List.of(3)));

    assertThat(heard.words).hasSize(8);
    assertThat(heard.workers).isBetween(1L, 2L);
  }

  @Test
  void failure_ofARun_isTold_andTheOthersAreMade() throws IOException {
    Noted session =
        new Noted(1) {
          @Override
          public void make(int index, RunListener listener) throws IOException, ExecutionException {
            super.make(index, listener);
            if (index == 0) {
              throw new ExecutionException(new IllegalArgumentException("no such head"));
            }
          }
        };
    Heard heard = new Heard();

    new ParallelRuns(session, heard).make(List.of(List.of(0, 1)));

    assertThat(heard.words)
        .containsExactly("started 0", "ended 0, no such head", "started 1", "ended 1");
  }

  @Test
  void worker_thatCanMakeNoMore_endsTheStudy() {
    Noted session =
        new Noted(1) {
          @Override
          public void make(int index, RunListener listener) throws IOException, ExecutionException {
            super.make(index, listener);
            throw new IOException("no such images");
          }
        };

    Heard heard = new Heard();
    assertThatIOException()
        .isThrownBy(() -> new ParallelRuns(session, heard).make(List.of(List.of(0), List.of(1))))
        .withMessage("no such images");
    assertThat(session.made).containsExactly(0);
    assertThat(heard.words).containsExactly("started 0", "ended 0, no such images");
  }

  @Test
  void workers_withoutASlot_areRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new ParallelRuns(new Noted(0), new Heard()).make(List.of(List.of(0))))
        .withMessageStartingWith("workers that make no runs: " + Noted.class.getName());
  }

  /** As other languages of the JVM do; whoever waits would wait for ever. */
  @Test
  void worker_thatFailsWithAnUndeclaredException_endsTheStudy() {
    Noted session =
        new Noted(1) {
          @Override
          public void make(int index, RunListener listener) {
            throw ParallelRunsTest.<RuntimeException>undeclared(new Exception("odd"));
          }
        };

    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () ->
            assertThatIOException()
                .isThrownBy(() -> new ParallelRuns(session, new Heard()).make(List.of(List.of(0))))
                .withMessage("odd"));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T undeclared(Throwable failure) throws T {
    throw (T) failure;
  }
}
