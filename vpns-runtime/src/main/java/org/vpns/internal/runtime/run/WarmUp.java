package org.vpns.internal.runtime.run;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Random;

/**
 * Runs a network until the compiler is done with it: before, its vectors are objects, and a pass
 * takes a hundred times as long and more. Small shares of each step run first, which call the
 * kernels as often as the compiler wants without doing all of their work; whole passes follow once
 * no share makes objects any more.
 *
 * @param runs whole passes
 * @param taken how long all took
 * @param first milliseconds of the first pass; 0 without any
 * @param last milliseconds of the fastest pass; 0 without any
 */
public record WarmUp(int runs, Duration taken, double first, double last) {
  /** Shares that a step is cut into. */
  private static final int SHARES = 512;

  /** Rounds of shares without an object, one after the other: steps may have nothing to do. */
  private static final int CLEAN_ROUNDS = 16;

  /** What counting itself may allocate, and what others' compiled code does now and then. */
  private static final long FEW_BYTES = 2_048;

  /** Passes that the fastest one must stay the fastest for. */
  private static final int STEADY = 3;

  /** A gain below this share is noise. */
  private static final double GAIN = 0.95;

  /**
   * Warms up on one image of noise.
   *
   * @param limit no share and no pass begins later
   */
  public static WarmUp of(Runner runner, int inputs, int outputs, Duration limit) {
    long begin = System.nanoTime();
    long end = begin + limit.toNanos();
    float[] image = new float[inputs];
    Random random = new Random(1);
    for (int i = 0; i < inputs; i++) {
      image[i] = (float) random.nextGaussian();
    }
    float[] result = new float[outputs];
    runShares(runner, end);
    double first = 0;
    double best = Double.MAX_VALUE;
    int runs = 0;
    int steady = 0;
    while (System.nanoTime() < end && steady < STEADY) {
      long start = System.nanoTime();
      runner.run(image, 1, result);
      double time = (System.nanoTime() - start) / 1e6;
      first = runs == 0 ? time : first;
      steady = time < GAIN * best ? 0 : steady + 1;
      best = Math.min(best, time);
      runs++;
    }
    return new WarmUp(
        runs, Duration.ofNanos(System.nanoTime() - begin), first, runs == 0 ? 0 : best);
  }

  private static void runShares(Runner runner, long end) {
    int clean = 0;
    long before = allocated();
    for (int round = 0; clean < CLEAN_ROUNDS && System.nanoTime() < end; round++) {
      runner.share(round % SHARES, SHARES);
      long after = allocated();
      clean = after - before <= FEW_BYTES && round > 0 ? clean + 1 : 0;
      before = after;
    }
  }

  /** Bytes that this thread has allocated; always 0 where the machine does not count them. */
  private static long allocated() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads instanceof com.sun.management.ThreadMXBean counting
            && counting.isThreadAllocatedMemorySupported()
        ? counting.getThreadAllocatedBytes(Thread.currentThread().getId())
        : 0;
  }
}
