package org.vpns.examples.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Times several pieces of work in turn, A B C A B C ..., so that a machine that becomes slower
 * becomes slower for all of them; prints medians and their ratios to the first.
 */
final class Interleaved {
  private final Map<String, Runnable> works = new LinkedHashMap<>();

  Interleaved add(String name, Runnable work) {
    works.put(name, work);
    return this;
  }

  /** Runs every piece of work {@code warmUp + repetitions} times and prints a line for each. */
  void run(String title, int warmUp, int repetitions) {
    Map<String, double[]> milliseconds = new LinkedHashMap<>();
    works.keySet().forEach(name -> milliseconds.put(name, new double[repetitions]));
    for (int i = -warmUp; i < repetitions; i++) {
      for (Map.Entry<String, Runnable> work : works.entrySet()) {
        long begin = System.nanoTime();
        work.getValue().run();
        if (i >= 0) {
          row(milliseconds, work.getKey())[i] = (System.nanoTime() - begin) / 1e6;
        }
      }
    }
    System.out.println(title + ", " + repetitions + " repetitions, medians");
    double[] first = row(milliseconds, works.keySet().iterator().next());
    for (String name : works.keySet()) {
      double[] times = row(milliseconds, name);
      double[] ratios = new double[repetitions];
      for (int i = 0; i < repetitions; i++) {
        ratios[i] = times[i] / first[i];
      }
      System.out.printf(
          Locale.ROOT,
          "  %-46s %9.1f ms   ratio %.3f  (%.3f to %.3f)%n",
          name,
          median(times),
          median(ratios),
          Arrays.stream(ratios).min().orElse(0),
          Arrays.stream(ratios).max().orElse(0));
    }
  }

  private static double[] row(Map<String, double[]> rows, String name) {
    double[] row = rows.get(name);
    if (row == null) {
      throw new IllegalArgumentException(name);
    }
    return row;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
