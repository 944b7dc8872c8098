package org.vpns.internal.runtime.run;

import java.time.Duration;
import java.util.Random;

/**
 * Runs a network until the compiler is done with it: before, its vectors are objects, and a pass
 * takes a hundred times as long and more.
 *
 * @param runs how often it ran
 * @param taken how long that took
 * @param first milliseconds of the first run
 * @param last milliseconds of the fastest run
 */
public record WarmUp(int runs, Duration taken, double first, double last) {
  private static final int LEAST_RUNS = 5;

  /** Runs that the fastest one must stay the fastest for. */
  private static final int STEADY = 8;

  /** A gain below this share is noise. */
  private static final double GAIN = 0.97;

  /**
   * Warms up on one image of noise.
   *
   * @param limit no run begins later
   */
  public static WarmUp of(Runner runner, int inputs, int outputs, Duration limit) {
    float[] image = new float[inputs];
    Random random = new Random(1);
    for (int i = 0; i < inputs; i++) {
      image[i] = (float) random.nextGaussian();
    }
    float[] result = new float[outputs];
    long begin = System.nanoTime();
    double first = 0;
    double best = Double.MAX_VALUE;
    int runs = 0;
    int steady = 0;
    while (System.nanoTime() - begin < limit.toNanos() && (runs < LEAST_RUNS || steady < STEADY)) {
      long start = System.nanoTime();
      runner.run(image, 1, result);
      double time = (System.nanoTime() - start) / 1e6;
      first = runs == 0 ? time : first;
      steady = time < GAIN * best ? 0 : steady + 1;
      best = Math.min(best, time);
      runs++;
    }
    return new WarmUp(runs, Duration.ofNanos(System.nanoTime() - begin), first, best);
  }
}
