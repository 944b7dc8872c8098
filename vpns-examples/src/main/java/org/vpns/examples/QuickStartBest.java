package org.vpns.examples;

import ai.djl.Model;
import com.google.common.primitives.Booleans;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;

/**
 * Keeps the pruned models open until it is known which is best at each sparsity: of the method with
 * the best mean the best seed, both by the first half of a seed's test images, so that the accuracy
 * on the second half does not flatter.
 */
final class QuickStartBest implements AutoCloseable {
  private final TreeMap<Sparsity, Map<String, List<Candidate>>> sparsities = new TreeMap<>();

  private record Candidate(Model model, PrunedModel pruned) implements AutoCloseable {
    double accuracy() {
      return fraction(right(pruned), true);
    }

    @Override
    public void close() {
      pruned.close();
      model.close();
    }
  }

  /** Takes over a finished model and closes it in the end. */
  void offer(Sparsity sparsity, Model model, PrunedModel pruned) {
    Candidate candidate = new Candidate(model, pruned);
    if (sparsity.equals(Sparsity.DENSE)) {
      candidate.close();
      return;
    }
    sparsities
        .computeIfAbsent(sparsity, s -> new LinkedHashMap<>())
        .computeIfAbsent(pruned.report().recipe(), m -> new ArrayList<>())
        .add(candidate);
  }

  /** The best model of each sparsity, the highest first; of equal ones the first. */
  List<PrunedModel> best() {
    return sparsities.descendingMap().values().stream().map(QuickStartBest::best).toList();
  }

  private static PrunedModel best(Map<String, List<Candidate>> methods) {
    return methods.values().stream()
        .reduce((a, b) -> mean(b) > mean(a) ? b : a)
        .orElseThrow()
        .stream()
        .max(Comparator.comparingDouble(Candidate::accuracy))
        .orElseThrow()
        .pruned();
  }

  /** Accuracy on the half that did not choose. */
  static double unseen(PrunedModel pruned) {
    return fraction(right(pruned), false);
  }

  private static double mean(List<Candidate> candidates) {
    return candidates.stream().mapToDouble(Candidate::accuracy).average().orElse(Double.NaN);
  }

  private static boolean[] right(PrunedModel pruned) {
    Accuracy tuned = pruned.report().tuned();
    boolean[] right = tuned == null ? null : tuned.right();
    if (right == null) {
      throw new IllegalStateException("the quick start tests every run");
    }
    return right;
  }

  private static double fraction(boolean[] right, boolean first) {
    int half = right.length / 2;
    boolean[] part = Arrays.copyOfRange(right, first ? 0 : half, first ? half : right.length);
    return (double) Booleans.countTrue(part) / part.length;
  }

  @Override
  public void close() {
    sparsities
        .values()
        .forEach(methods -> methods.values().forEach(list -> list.forEach(Candidate::close)));
    sparsities.clear();
  }
}
