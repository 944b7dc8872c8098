package org.vpns.latency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.NetworkValues;

/**
 * How long networks take, in milliseconds of one forward pass:
 *
 * <pre>{@code
 * Latency latency = Latency.of(NetworkRuntime.engine()).batch(16);
 * double[] milliseconds = latency.milliseconds(List.of(dense, smaller));
 * }</pre>
 *
 * <p>Networks of one call are timed in turn, A B A B ..., so that a machine that becomes slower
 * becomes slower for all of them; compare no times of different calls. Each time is the median over
 * the rounds. In a round a network runs as often as 2 milliseconds take, once at least.
 */
public final class Latency extends Value<Latency> {
  /** Shorter stretches measure the clock and its caller as well. */
  private static final double LEAST_NANOSECONDS = 2e6;

  private final NetworkRuntime runtime;
  private int batch = 1;
  private int rounds = 20;

  private Latency(NetworkRuntime runtime) {
    this.runtime = runtime;
  }

  /** On what runs them. */
  public static Latency of(NetworkRuntime runtime) {
    return new Latency(Problem.given(runtime, "Latency.of", "runtime"));
  }

  /**
   * Images in a pass; default 1.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Latency batch(int images) {
    requirePositive(images, "batch");
    return with(latency -> latency.batch = images);
  }

  /**
   * Rounds that are timed; a quarter as many, two at least, run before them. Default 20.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Latency rounds(int timed) {
    requirePositive(timed, "rounds");
    return with(latency -> latency.rounds = timed);
  }

  private static void requirePositive(int value, String option) {
    if (value < 1) {
      throw Problem.argument(
          "number out of range",
          "Latency." + option,
          "at least 1",
          value,
          "leave it out for the default");
    }
  }

  /** Milliseconds of a pass of one network. */
  public double milliseconds(NetworkValues network) {
    return milliseconds(List.of(Problem.given(network, "Latency.milliseconds", "network")))[0];
  }

  /** Milliseconds of a pass of each network, in the order given. */
  public double[] milliseconds(List<NetworkValues> networks) {
    Problem.givenEach(networks, "Latency.milliseconds", "networks");
    List<NetworkRuntime.Session> sessions = new ArrayList<>();
    try {
      networks.forEach(
          network ->
              sessions.add(
                  Problem.given(
                      runtime.open(network, batch),
                      runtime.describe(),
                      "what NetworkRuntime.open gives")));
      int[] passes = sessions.stream().mapToInt(this::warm).toArray();
      double[][] times = new double[networks.size()][rounds];
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < times.length; i++) {
          times[i][round] = nanoseconds(sessions.get(i), passes[i]) / passes[i] / 1e6;
        }
      }
      return Arrays.stream(times).mapToDouble(Latency::median).toArray();
    } finally {
      sessions.forEach(NetworkRuntime.Session::close);
    }
  }

  /** Runs a network until it is warm; gives the passes of a round. */
  private int warm(NetworkRuntime.Session session) {
    double least = Double.MAX_VALUE;
    int passes = 1;
    for (int i = 0; i < Math.max(2, rounds / 4); i++) {
      least = Math.min(least, nanoseconds(session, passes) / passes);
      passes = (int) Math.ceil(LEAST_NANOSECONDS / Math.max(least, 1));
    }
    return passes;
  }

  private static double nanoseconds(NetworkRuntime.Session session, int passes) {
    long begin = System.nanoTime();
    for (int i = 0; i < passes; i++) {
      session.run();
    }
    return System.nanoTime() - begin;
  }

  private static double median(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Runtime, batch and rounds. */
  public String describe() {
    return runtime.describe() + ", batch " + batch + ", median of " + rounds + " rounds in turn";
  }

  @Override
  public String toString() {
    return describe();
  }
}
