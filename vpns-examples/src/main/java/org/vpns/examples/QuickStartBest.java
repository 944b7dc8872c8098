package org.vpns.examples;

import com.google.common.primitives.Booleans;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.vpns.Sparsity;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;

/**
 * The best sparse model at a sparsity: of the method with the best mean the best seed, both by the
 * first half of a seed's test images, so that the accuracy on the second half does not flatter.
 *
 * @param report of its run
 * @param model its result folder
 */
record QuickStartBest(PruneReport report, Path model) {

  /** The best model of each sparsity above 0, the highest first; of equal ones the first. */
  static List<QuickStartBest> of(
      Study.Results<PruneReport> results, Function<Study.Cell<PruneReport>, Path> model) {
    TreeMap<Sparsity, Map<String, List<QuickStartBest>>> sparsities = new TreeMap<>();
    results
        .byCell()
        .forEach(
            (cell, report) -> {
              if (!cell.run().sparsity().equals(Sparsity.DENSE)) {
                sparsities
                    .computeIfAbsent(cell.run().sparsity(), s -> new LinkedHashMap<>())
                    .computeIfAbsent(report.recipe(), m -> new ArrayList<>())
                    .add(new QuickStartBest(report, model.apply(cell)));
              }
            });
    return sparsities.descendingMap().values().stream().map(QuickStartBest::best).toList();
  }

  private static QuickStartBest best(Map<String, List<QuickStartBest>> methods) {
    return methods.values().stream()
        .reduce((a, b) -> mean(b) > mean(a) ? b : a)
        .orElseThrow()
        .stream()
        .max(Comparator.comparingDouble(QuickStartBest::seen))
        .orElseThrow();
  }

  private static double mean(List<QuickStartBest> candidates) {
    return candidates.stream().mapToDouble(QuickStartBest::seen).average().orElse(Double.NaN);
  }

  /** Accuracy on the half that chooses. */
  private double seen() {
    return fraction(true);
  }

  /** Accuracy on the half that did not choose. */
  double unseen() {
    return fraction(false);
  }

  private double fraction(boolean first) {
    Accuracy tuned = report.tuned();
    boolean[] right = tuned == null ? null : tuned.right();
    if (right == null) {
      throw new IllegalStateException("the quick start tests every run");
    }
    int half = right.length / 2;
    boolean[] part = Arrays.copyOfRange(right, first ? 0 : half, first ? half : right.length);
    return (double) Booleans.countTrue(part) / part.length;
  }
}
