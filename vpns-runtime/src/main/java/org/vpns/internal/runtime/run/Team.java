package org.vpns.internal.runtime.run;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do a task together, the caller among them. One task at a time; nothing is allocated
 * for it. Idle threads look for work a short while, then sleep.
 */
final class Team implements AutoCloseable {
  private static final int SPINS = 2_000;

  /** What each member does. */
  interface Task {
    /**
     * @param part number of the member, from 0
     */
    void run(int part);
  }

  private final Thread[] helpers;
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicInteger arrived = new AtomicInteger();
  private volatile int phase;
  private volatile int round;
  private volatile boolean closed;
  private volatile @Nullable Task task;
  private volatile @Nullable Throwable failure;

  Team(int size) {
    helpers = new Thread[size - 1];
    for (int i = 0; i < helpers.length; i++) {
      int part = i + 1;
      helpers[i] = new Thread(() -> work(part), "vpns-runtime-" + part);
      helpers[i].setDaemon(true);
      helpers[i].start();
    }
  }

  int size() {
    return helpers.length + 1;
  }

  /** Does a task; returns when all members have done it. */
  void run(Task work) {
    failure = null;
    task = work;
    busy.set(helpers.length);
    round++; // written by the caller alone, which holds the team
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
    attempt(work, 0);
    for (int spins = 0; busy.get() > 0; spins++) {
      pause(spins);
    }
    task = null;
    Throwable failed = failure;
    if (failed != null) {
      throw new IllegalStateException("a thread of the sparse runtime failed", failed);
    }
  }

  /** Waits until all members have come here. */
  void meet() {
    int mine = phase;
    if (arrived.incrementAndGet() == size()) {
      arrived.set(0);
      phase = mine + 1;
      return;
    }
    for (int spins = 0; phase == mine; spins++) {
      pause(spins);
    }
  }

  private static void pause(int spins) {
    if (spins < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }

  /** Records what goes wrong; whoever fails comes to the meetings all the same. */
  void fail(Throwable e) {
    failure = e;
  }

  boolean failed() {
    return failure != null;
  }

  private void attempt(Task work, int part) {
    try {
      work.run(part);
    } catch (Throwable e) {
      fail(e);
    }
  }

  private void work(int part) {
    int seen = 0;
    while (!closed) {
      for (int spins = 0; round == seen && !closed; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      Task work = task;
      if (round != seen && work != null) {
        seen = round;
        attempt(work, part);
        busy.decrementAndGet();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
