package org.vpns.internal.runtime.run;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * Runs a network until the compiler is done with it: before, its vectors are objects, and a pass
 * takes a hundred times as long and more. Small shares of each step run first, which call the
 * kernels as often as the compiler wants without doing all of their work; whole passes follow once
 * no share makes objects any more, or as many as before however often they run, should a compiler
 * leave some. Where there are several threads, passes of all and of one follow in turn: whichever
 * is faster works on single images from then on.
 *
 * @param runs whole passes
 * @param taken how long all took
 * @param first milliseconds of the first pass; 0 without any
 * @param last milliseconds of the fastest pass; 0 without any
 * @param all milliseconds of a pass of all threads on one image; 0 if they were not compared
 * @param one likewise, of one thread
 */
public record WarmUp(int runs, Duration taken, double first, double last, double all, double one) {
  /** Shares that a step is cut into. */
  private static final int SHARES = 512;

  /** Rounds of shares without an object, one after the other: steps may have nothing to do. */
  private static final int CLEAN_ROUNDS = 16;

  /** What counting itself may allocate, and what others' compiled code does now and then. */
  private static final long FEW_BYTES = 2_048;

  /** All shares, one time after the other, that make no fewer objects than the ones before. */
  private static final int EVEN_CYCLES = 16;

  /** Passes that the fastest one must stay the fastest for. */
  private static final int STEADY = 3;

  /** Pairs of passes by all threads and by one. */
  private static final int PAIRS = 9;

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
      double time = pass(runner, image, result);
      first = runs == 0 ? time : first;
      steady = time < GAIN * best ? 0 : steady + 1;
      best = Math.min(best, time);
      runs++;
    }
    double[] both = compare(runner, image, result, end);
    return new WarmUp(
        runs,
        Duration.ofNanos(System.nanoTime() - begin),
        first,
        runs == 0 ? 0 : best,
        both[0],
        both[1]);
  }

  /** Medians of all threads and of one, 0 without time for a pair; the faster is left to run. */
  private static double[] compare(Runner runner, float[] image, float[] result, long end) {
    double[][] times = new double[2][PAIRS];
    int pairs = 0;
    while (runner.threads() > 1 && pairs < PAIRS && System.nanoTime() < end) {
      for (int i = 0; i < 2; i++) {
        runner.divide(i == 0);
        times[i][pairs] = pass(runner, image, result);
      }
      pairs++;
    }
    if (pairs == 0) {
      return new double[2];
    }
    double all = median(times[0], pairs);
    double one = median(times[1], pairs);
    runner.divide(all < one);
    return new double[] {all, one};
  }

  private static double median(double[] times, int count) {
    return Arrays.stream(times, 0, count).sorted().skip(count / 2).findFirst().orElseThrow();
  }

  private static double pass(Runner runner, float[] image, float[] result) {
    long start = System.nanoTime();
    runner.run(image, 1, result);
    return (System.nanoTime() - start) / 1e6;
  }

  /** Such as {@code warmed up in 3.1 s, 40 runs, the first 2100.0 ms, the fastest 9.100 ms}. */
  public String describe() {
    String passes =
        String.format(
            Locale.ROOT,
            "warmed up in %.1f s, %d runs, the first %.1f ms, the fastest %.3f ms",
            taken.toMillis() / 1e3,
            runs,
            first,
            last);
    return one == 0
        ? passes
        : String.format(
            Locale.ROOT,
            "%s; single images by %s: %.3f ms, by %s %.3f",
            passes,
            all < one ? "all threads" : "one thread",
            Math.min(all, one),
            all < one ? "one" : "all",
            Math.max(all, one));
  }

  private static void runShares(Runner runner, long end) {
    int clean = 0;
    int even = 0;
    long fewest = Long.MAX_VALUE;
    long begin = allocated();
    long before = begin;
    for (int round = 0;
        clean < CLEAN_ROUNDS && even < EVEN_CYCLES && System.nanoTime() < end;
        round++) {
      int share = round % SHARES;
      runner.share(share, SHARES);
      long after = allocated();
      clean = after - before <= FEW_BYTES && round > 0 ? clean + 1 : 0;
      if (share == SHARES - 1) {
        even = after - begin < GAIN * fewest ? 0 : even + 1;
        fewest = Math.min(fewest, after - begin);
        begin = after;
      }
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
