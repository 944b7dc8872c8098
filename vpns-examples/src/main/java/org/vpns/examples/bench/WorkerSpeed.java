package org.vpns.examples.bench;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.vpns.examples.EngineSettings;
import org.vpns.examples.compare.CompareMethods;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.process.WorkerProcesses;

/**
 * How long a study takes with one worker process and with two, in turn, their start included.
 * Arguments: rounds (3), runs (8), T (150).
 */
public final class WorkerSpeed {
  private WorkerSpeed() {}

  /** Prints medians and their ratio. */
  public static void main(String[] args) throws IOException {
    EngineSettings.apply();
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    List<String> options =
        List.of(
            "--task=few-digits",
            "--methods=HYDRA",
            "--sparsities=0.95",
            "--seeds=" + (args.length > 1 ? args[1] : "8"),
            "--steps=" + (args.length > 2 ? args[2] : "150"));
    double[] one = new double[rounds];
    double[] two = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      one[i] = seconds(options, 1);
      two[i] = seconds(options, 2);
    }
    System.out.printf(
        Locale.ROOT,
        "one worker %.1f s, two workers %.1f s: %.2f times as fast (medians of %d)%n",
        median(one),
        median(two),
        median(one) / median(two),
        rounds);
  }

  private static double seconds(List<String> options, int workers) throws IOException {
    Path folder = Files.createTempDirectory("workers");
    try {
      Study<PruneReport> study = new CompareMethods().study(options).in(folder);
      long begin = System.nanoTime();
      Study.Results<PruneReport> results =
          study.run(WorkerProcesses.of(workers, CompareMethods.class, options));
      double seconds = (System.nanoTime() - begin) / 1e9;
      if (!results.failures().isEmpty()) {
        throw new IOException("runs failed: " + results.failures());
      }
      System.out.printf(Locale.ROOT, "%d: %.1f s%n", workers, seconds);
      return seconds;
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
