package org.vpns.internal.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.vpns.Problem;

/**
 * Lists of results that are made in background threads ahead of who takes them, and given in order.
 * Work is handed to the threads when results are taken, and no more than the bound at a time, so an
 * iterator that is left alone holds up nobody and can be forgotten.
 *
 * @param <R> a result
 */
public final class OrderedWork<R> implements Iterator<List<R>> {
  private final ExecutorService threads;
  private final Iterator<List<Long>> groups;
  private final Job<R> job;
  private final int ahead;
  private final Queue<List<Future<R>>> pending = new ArrayDeque<>();
  private boolean ended;

  /** Makes a result. */
  public interface Job<R> {
    /** The result of a number. */
    R make(long number) throws IOException;
  }

  /**
   * @param groups numbers of which the results belong together
   * @param ahead groups that are in the making beside the one that is taken, at least 0
   */
  public OrderedWork(ExecutorService threads, Iterator<List<Long>> groups, int ahead, Job<R> job) {
    this.threads = threads;
    this.groups = groups;
    this.ahead = ahead;
    this.job = job;
  }

  @Override
  public boolean hasNext() {
    return !ended && (!pending.isEmpty() || groups.hasNext());
  }

  /**
   * The results of the next group.
   *
   * @throws UncheckedIOException of the first of them that cannot be made; behind it comes nothing
   */
  @Override
  public List<R> next() {
    if (ended) {
      throw new NoSuchElementException();
    }
    while (pending.size() <= ahead && groups.hasNext()) {
      List<Future<R>> group = new ArrayList<>();
      for (long number : groups.next()) {
        group.add(threads.submit(() -> job.make(number)));
      }
      pending.add(group);
    }
    List<Future<R>> group = pending.poll();
    if (group == null) {
      throw new NoSuchElementException();
    }
    List<R> results = new ArrayList<>(group.size());
    ended = true; // unless all can be made
    try {
      for (Future<R> future : group) {
        results.add(result(future));
      }
      ended = false;
    } finally {
      if (ended) {
        group.forEach(future -> future.cancel(false));
        pending.forEach(later -> later.forEach(future -> future.cancel(false)));
        pending.clear();
      }
    }
    return results;
  }

  private R result(Future<R> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.state(
          "interrupted while reading images",
          "background threads",
          "an uninterrupted wait",
          e,
          "start again; nothing was changed");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw new UncheckedIOException(io.getMessage(), io);
      } else if (cause instanceof RuntimeException runtime) {
        throw runtime;
      } else if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    }
  }
}
