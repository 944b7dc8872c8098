package org.vpns.study;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.train.RunListener;

/**
 * Runs that workers make, several at a time. Whatever is to be told is told by the thread that
 * waits for them, so that nobody hears of two runs at once.
 */
final class ParallelRuns {
  private final Workers.Session session;
  private final Told told;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private int left;

  ParallelRuns(Workers.Session session, Told told) {
    this.session = session;
    this.told = told;
  }

  /** Who hears of the runs. */
  interface Told {
    /** Whether a run is still to be made; asked by the thread that would make it. */
    default boolean isWanted(int index) {
      return true;
    }

    /** A run begins. */
    RunListener started(int index);

    /** A run has ended; its result is there if nothing made it fail. */
    void ended(int index, @Nullable Throwable failure) throws IOException;
  }

  /** What a worker's thread leaves to the one that waits. */
  @FunctionalInterface
  private interface Event {
    void tell() throws IOException;
  }

  /**
   * Makes runs and waits for them.
   *
   * @param chains indexes of runs; those of a chain are made one after the other
   */
  void make(List<List<Integer>> chains) throws IOException {
    Queue<List<Integer>> waiting = new ConcurrentLinkedQueue<>(chains);
    if (session.slots() < 1) {
      throw Problem.state(
          "workers that make no runs",
          session.getClass().getName() + ", what Workers.Session.slots gives",
          "at least 1",
          session.slots(),
          "ask for more workers");
    }
    int slots = Math.min(session.slots(), chains.size());
    left = chains.stream().mapToInt(List::size).sum();
    ExecutorService threads =
        Executors.newFixedThreadPool(
            slots,
            task -> {
              Thread thread = new Thread(task, "study worker");
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (int i = 0; i < slots; i++) {
        threads.execute(() -> makeChains(waiting));
      }
      while (left > 0) {
        events.take().tell();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("study interrupted; started again, it goes on");
    } finally {
      threads.shutdownNow();
    }
  }

  private void makeChains(Queue<List<Integer>> waiting) {
    try {
      for (List<Integer> chain = waiting.poll(); chain != null; chain = waiting.poll()) {
        for (int index : chain) {
          if (told.isWanted(index)) {
            make(index);
          } else {
            events.add(() -> left--);
          }
        }
      }
    } catch (Throwable e) { // also what other languages throw undeclared: somebody waits for it
      events.add(
          () -> {
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
          });
    }
  }

  private void make(int index) throws IOException {
    Relay relay = new Relay();
    events.add(() -> relay.listener = told.started(index));
    Throwable failure;
    try {
      failure = failure(index, relay);
    } catch (Throwable e) { // ends the study, and the run with it
      events.add(() -> told.ended(index, e));
      throw e;
    }
    events.add(
        () -> {
          left--;
          told.ended(index, failure);
        });
  }

  private @Nullable Throwable failure(int index, RunListener listener) throws IOException {
    try {
      session.make(index, listener);
      return null;
    } catch (ExecutionException e) {
      return Objects.requireNonNullElse(e.getCause(), e);
    }
  }

  /** Hands steps over to the thread that waits. */
  private final class Relay implements RunListener {
    private @Nullable RunListener listener;

    @Override
    public void stepFinished(Step step) {
      events.add(
          () -> {
            if (listener != null) {
              listener.stepFinished(step);
            }
          });
    }
  }
}
