package org.vpns.internal.runtime.run;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.plan.Program;

/**
 * Runs a program, for any number of callers at once. Several images are shared between the threads
 * of the team, a single one is worked on by all of them where that is faster; a caller that finds
 * the team busy works alone. Memory is kept for later runs.
 */
public final class Runner implements AutoCloseable {
  private final Program program;
  private final Step[] steps;
  private final Team team;
  private final ReentrantLock holdsTeam = new ReentrantLock();
  private final ArrayDeque<float[]> idle = new ArrayDeque<>();
  private final Together together = new Together();
  private final Apart apart = new Apart();
  private volatile boolean divides = true;
  private int memories;

  /**
   * @param threads that share the work of one caller
   */
  public Runner(Program program, int threads) {
    this.program = program;
    this.steps = program.steps().stream().flatMap(s -> s.pieces().stream()).toArray(Step[]::new);
    this.team = new Team(threads);
  }

  /**
   * Runs images.
   *
   * @param images row-major, one after the other
   * @param count how many
   * @param results gets the outputs, row-major
   */
  public void run(float[] images, int count, float[] results) {
    if (team.size() > 1 && (count > 1 || divides) && holdsTeam.tryLock()) {
      try {
        if (count == 1) {
          together.run(images, results);
        } else {
          apart.run(images, count, results);
        }
      } finally {
        holdsTeam.unlock();
      }
      return;
    }
    float[] memory = take();
    try {
      for (int i = 0; i < count; i++) {
        one(images, results, i, memory);
      }
    } finally {
      give(memory);
    }
  }

  private void one(float[] images, float[] results, int i, float[] memory) {
    System.arraycopy(images, i * program.inputs(), memory, program.input(), program.inputs());
    for (Step step : steps) {
      step.run(memory, 0, 1);
    }
    System.arraycopy(memory, program.output(), results, i * program.outputs(), program.outputs());
  }

  /** Does a share of each step, on whatever is in memory: for the compiler, not for its result. */
  void share(int part, int parts) {
    float[] memory = take();
    try {
      for (Step step : steps) {
        step.run(memory, part, parts);
      }
    } finally {
      give(memory);
    }
  }

  int threads() {
    return team.size();
  }

  /**
   * Whether all threads work on a single image; so it is at first. What one thread writes and
   * another reads goes from core to core, which may take longer than the work.
   */
  void divide(boolean together) {
    divides = together;
  }

  /** Bytes of the memory that runs have needed so far. */
  public long memory() {
    synchronized (idle) {
      return (long) memories * program.floats() * Float.BYTES;
    }
  }

  private float[] take() {
    synchronized (idle) {
      float[] memory = idle.pollLast();
      if (memory == null) {
        memories++;
        return program.memory();
      }
      return memory;
    }
  }

  private void give(float[] memory) {
    synchronized (idle) {
      idle.addLast(memory);
    }
  }

  @Override
  public void close() {
    team.close();
  }

  /** One image, each step by all threads. */
  private final class Together implements Team.Task {
    private float[] memory = {};

    void run(float[] image, float[] result) {
      memory = take();
      try {
        System.arraycopy(image, 0, memory, program.input(), program.inputs());
        team.run(this);
        System.arraycopy(memory, program.output(), result, 0, program.outputs());
      } finally {
        give(memory);
      }
    }

    @Override
    public void run(int part) {
      float[] a = memory;
      for (Step step : steps) {
        if (!team.failed()) {
          attempt(step, a, part);
        }
        team.meet(part);
      }
    }

    private void attempt(Step step, float[] a, int part) {
      try {
        step.run(a, part, team.size());
      } catch (Throwable e) {
        team.fail(e);
      }
    }
  }

  /** Several images, each by one thread. */
  private final class Apart implements Team.Task {
    private final AtomicInteger next = new AtomicInteger();
    private float[] images = {};
    private float[] results = {};
    private int count;

    void run(float[] newImages, int newCount, float[] newResults) {
      images = newImages;
      results = newResults;
      count = newCount;
      next.set(0);
      try {
        team.run(this);
      } finally {
        images = new float[0];
        results = images;
      }
    }

    @Override
    public void run(int part) {
      float[] memory = take();
      try {
        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
          one(images, results, i, memory);
        }
      } finally {
        give(memory);
      }
    }
  }
}
