package org.vpns.internal.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that share out pieces of the parameter vector. Every entry is computed alone and counts
 * are integers, so results do not depend on the number of threads.
 */
public final class ThreadTeam implements AutoCloseable {
  /** Entries below which one thread is faster than waking another. */
  private static final int ALONE = 1 << 16;

  private final int threads;
  private final ExecutorService executor;

  /** Work on pieces {@code from} (inclusive) to {@code to} (exclusive). */
  interface Task {
    void run(int worker, int from, int to);
  }

  /** As many threads as processors, 8 at most: the work is bound by memory. */
  public ThreadTeam() {
    this(Math.min(8, Runtime.getRuntime().availableProcessors()));
  }

  /** The given number of threads. */
  public ThreadTeam(int threads) {
    this.threads = Math.max(1, threads);
    executor =
        Executors.newFixedThreadPool(
            this.threads,
            runnable -> {
              Thread thread = new Thread(runnable, "vpns-worker");
              thread.setDaemon(true);
              return thread;
            });
  }

  int threads() {
    return threads;
  }

  /** Runs the task over {@code pieces} pieces that hold {@code entries} entries together. */
  void run(int pieces, long entries, Task task) {
    int parts = entries < ALONE ? 1 : Math.min(threads, pieces);
    if (parts <= 1) {
      task.run(0, 0, pieces);
      return;
    }
    List<Future<?>> others = new ArrayList<>();
    for (int i = 1; i < parts; i++) {
      int worker = i;
      int from = (int) ((long) pieces * i / parts);
      int to = (int) ((long) pieces * (i + 1) / parts);
      others.add(executor.submit(() -> task.run(worker, from, to)));
    }
    try {
      task.run(0, 0, pieces / parts);
    } finally {
      others.forEach(ThreadTeam::join);
    }
  }

  private static void join(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException) {
        throw (RuntimeException) e.getCause();
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
