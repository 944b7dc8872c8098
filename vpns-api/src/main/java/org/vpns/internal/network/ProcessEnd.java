package org.vpns.internal.network;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads at work on networks when the process is told to end. The engine's native code is taken
 * down then, and a thread that is still in it takes the process with it, in place of a quiet end.
 */
public final class ProcessEnd {
  private static final Map<Thread, Worker> WORKERS = new ConcurrentHashMap<>();
  private static final Duration LOOK = Duration.ofMillis(5);

  private ProcessEnd() {}

  /** A thread at work, until the close. */
  public static final class Worker implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private volatile boolean ending;
    private volatile boolean closed;

    /**
     * Lets the thread make no further pass, and waits until it has made the one under way, rests
     * for another reason, or is no longer at work.
     *
     * @param limit that is waited at most
     */
    public void stop(Duration limit) {
      ending = true;
      long end = System.nanoTime() + limit.toNanos();
      while (!closed
          && thread.getState() == Thread.State.RUNNABLE
          && thread != Thread.currentThread()
          && System.nanoTime() < end) {
        Uninterruptibles.sleepUninterruptibly(LOOK);
      }
    }

    @Override
    public void close() {
      closed = true;
      WORKERS.remove(thread, this);
    }
  }

  /** The calling thread begins to work. */
  public static Worker enter() {
    Worker worker = new Worker();
    WORKERS.putIfAbsent(worker.thread, worker); // a run within another ends with that one
    return worker;
  }

  /** Stops all that are at work, one after the other, at most so long for each. */
  public static void stopAll(Duration limit) {
    WORKERS.values().forEach(worker -> worker.stop(limit));
  }

  /** To be called before each pass: does not return where the process is ending. */
  static void pass() {
    Worker worker = WORKERS.get(Thread.currentThread());
    while (worker != null && worker.ending && !worker.closed) {
      LockSupport.park(worker);
      Thread.interrupted(); // which would not let it rest
    }
  }
}
