package org.vpns.internal.runtime.run;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do a task together, the caller among them. One task at a time; nothing is allocated
 * for it. Whoever waits looks a short while, then sleeps: a thread that only gave way to others
 * would, to the system's scheduler, get on well with the one it waits for on the same core.
 */
final class Team implements AutoCloseable {
  /** Some 80 microseconds: a sleep costs as much. */
  private static final int SPINS = 2_000;

  /** What each member does. */
  interface Task {
    /**
     * @param part number of the member, from 0
     */
    void run(int part);
  }

  private final Thread[] helpers;

  /** Members that have not come to this meeting yet. */
  private final AtomicInteger missing;

  /** Who sleeps until all have come. */
  private final AtomicReferenceArray<@Nullable Thread> asleep;

  private volatile int meetings;
  private volatile int round;
  private volatile boolean closed;
  private volatile @Nullable Task task;
  private volatile @Nullable Throwable failure;

  Team(int size) {
    missing = new AtomicInteger(size);
    asleep = new AtomicReferenceArray<>(size);
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
    round++; // written by the caller alone, which holds the team
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
    attempt(work, 0);
    meet(0);
    task = null;
    Throwable failed = failure;
    if (failed != null) {
      throw new IllegalStateException("a thread of the sparse runtime failed", failed);
    }
  }

  /** Waits until all members have come here. */
  void meet(int part) {
    int mine = meetings;
    if (missing.decrementAndGet() == 0) {
      missing.set(size());
      meetings = mine + 1;
      wakeOthers();
      return;
    }
    for (int spins = 0; spins < SPINS; spins++) {
      if (meetings != mine) {
        return;
      }
      Thread.onSpinWait();
    }
    asleep.set(part, Thread.currentThread());
    while (meetings == mine) {
      LockSupport.park(this);
    }
    asleep.set(part, null);
  }

  private void wakeOthers() {
    for (int i = 0; i < asleep.length(); i++) {
      Thread sleeper = asleep.get(i);
      if (sleeper != null) {
        LockSupport.unpark(sleeper);
      }
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
        meet(part);
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
