package org.vpns.examples;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;

/**
 * Keeps the models of the highest sparsity open until it is known which is best: the best seed of
 * the method with the best mean, both on test images, so its accuracy flatters.
 */
final class QuickStartBest implements AutoCloseable {
  private final Map<String, List<Candidate>> methods = new LinkedHashMap<>();
  private @Nullable Sparsity highest;

  private record Candidate(Model model, PrunedModel pruned) implements AutoCloseable {
    double accuracy() {
      Accuracy tuned = pruned.report().tuned();
      return tuned == null ? Double.NaN : tuned.promptedFraction();
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
    if (highest != null && sparsity.compareTo(highest) < 0) {
      candidate.close();
      return;
    }
    if (highest == null || sparsity.compareTo(highest) > 0) {
      close();
      highest = sparsity;
    }
    methods.computeIfAbsent(pruned.report().recipe(), m -> new ArrayList<>()).add(candidate);
  }

  /** The best model; of equal ones the first. */
  PrunedModel best() {
    List<Candidate> method =
        methods.values().stream()
            .reduce((a, b) -> mean(b) > mean(a) ? b : a)
            .orElseThrow(() -> new IllegalStateException("no model was offered"));
    return method.stream()
        .max(Comparator.comparingDouble(Candidate::accuracy))
        .orElseThrow()
        .pruned();
  }

  private static double mean(List<Candidate> candidates) {
    return candidates.stream().mapToDouble(Candidate::accuracy).average().orElse(Double.NaN);
  }

  @Override
  public void close() {
    methods.values().forEach(method -> method.forEach(Candidate::close));
    methods.clear();
  }
}
