package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.run.Fingerprints;
import org.vpns.report.PruneReport;

/** What the test images of paired runs mean for the difference of two methods. */
final class TestImages {
  private TestImages() {}

  /** Two runs of one seed. */
  record Pair(PruneReport first, PruneReport second) {}

  /** Whether some of the runs were tested on other images than the others. */
  static boolean redrawn(List<PruneReport> runs) {
    return runs.stream().map(TestImages::identity).distinct().count() > 1;
  }

  /**
   * Test images per training image, the mean over runs, where seeds draw their images anew; 0 where
   * all are tested on the same; NaN where a report does not tell its training images.
   */
  static double perTraining(List<PruneReport> runs) {
    if (!redrawn(runs)) {
      return 0;
    }
    return Statistics.mean(
        runs.stream()
            .mapToDouble(
                run -> {
                  Long training = run.trainingImages();
                  return training == null
                      ? Double.NaN
                      : (double) Comparison.tuned(run).images() / training;
                })
            .toArray());
  }

  /**
   * Standard error that the choice of test images gives the mean difference: over images, of the
   * difference that each makes. On one set of images, an image's difference is its mean over seeds,
   * and the error falls with seeds only as far as they disagree on images. Where seeds have sets of
   * their own, it is that of one set, in the root of the mean square. NaN where images are not
   * told, or where the two runs of a seed have different ones.
   */
  static double error(List<Pair> pairs) {
    List<double[]> differences = new ArrayList<>();
    for (Pair pair : pairs) {
      boolean[] first = Comparison.tuned(pair.first()).right();
      boolean[] second = Comparison.tuned(pair.second()).right();
      if (first == null
          || second == null
          || first.length != second.length
          || !identity(pair.first()).equals(identity(pair.second()))) {
        return Double.NaN;
      }
      double[] difference = new double[first.length];
      for (int i = 0; i < first.length; i++) {
        difference[i] = (first[i] ? 1 : 0) - (second[i] ? 1 : 0);
      }
      differences.add(difference);
    }
    List<PruneReport> runs = pairs.stream().map(Pair::first).toList();
    return redrawn(runs) ? ofSets(differences) : ofOneSet(differences);
  }

  private static double ofOneSet(List<double[]> differences) {
    double[] means = new double[differences.get(0).length];
    for (int i = 0; i < means.length; i++) {
      for (double[] difference : differences) {
        means[i] += difference[i] / differences.size();
      }
    }
    return Statistics.standardError(Statistics.deviation(means), means.length, 0);
  }

  private static double ofSets(List<double[]> differences) {
    double[] squares =
        differences.stream().mapToDouble(d -> Math.pow(ofOneSet(List.of(d)), 2)).toArray();
    return Math.sqrt(Statistics.mean(squares));
  }

  private static String identity(PruneReport run) {
    return Objects.requireNonNullElse(run.provenance().get(Fingerprints.TEST_DATA), "");
  }
}
