package org.vpns.examples.figures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis.Judgement;
import org.vpns.study.Hypothesis.Verdict;

/**
 * A statement that runs cost less than others, by what is counted and not by the clock, with the
 * verdicts of {@link org.vpns.study.Hypothesis}: equal seeds are compared, by Student's t after
 * Holm's correction. A difference that all seeds agree on is certain; none at all is neither.
 *
 * @param text the statement
 * @param unit of what is counted, in the plural
 * @param count of a run
 * @param parts methods that are compared
 */
record CostClaim(String text, String unit, ToDoubleFunction<PruneReport> count, List<Part> parts) {

  /** A method at a sparsity costs less than so many times another. */
  private record Part(Place first, double times, Place second) {}

  private record Place(String method, String sparsity) {
    boolean has(PruneReport run) {
      return run.recipe().equals(method)
          && Double.parseDouble(run.sparsity()) == Double.parseDouble(sparsity);
    }

    String name() {
      return method + " " + sparsity;
    }
  }

  /** Two runs of one seed. */
  private record Pair(PruneReport first, PruneReport second) {}

  static CostClaim of(String text, String unit, ToDoubleFunction<PruneReport> count) {
    return new CostClaim(text, unit, count, List.of());
  }

  /** With: a method costs less than another at a sparsity. */
  CostClaim less(String method, String other, String sparsity) {
    return less(method, sparsity, 1, other, sparsity);
  }

  /** With: a method at its sparsity costs less than so many times another at another. */
  CostClaim less(String method, String sparsity, double times, String other, String otherSparsity) {
    List<Part> more = new ArrayList<>(parts);
    more.add(new Part(new Place(method, sparsity), times, new Place(other, otherSparsity)));
    return new CostClaim(text, unit, count, List.copyOf(more));
  }

  /** Holds it against runs. */
  Judgement judge(List<PruneReport> runs) {
    List<List<Pair>> pairs = parts.stream().map(part -> pairs(part, runs)).toList();
    double[] probabilities = new double[parts.size()];
    for (int i = 0; i < probabilities.length; i++) {
      double[] differences = differences(parts.get(i), pairs.get(i));
      double error =
          Statistics.standardError(Statistics.deviation(differences), differences.length, 0);
      probabilities[i] =
          isCertain(differences)
              ? 0
              : Statistics.probability(Statistics.mean(differences), error, differences.length);
    }
    double[] corrected = Statistics.holm(probabilities);
    List<Verdict> verdicts = new ArrayList<>();
    List<String> details = new ArrayList<>();
    for (int i = 0; i < corrected.length; i++) {
      double mean = Statistics.mean(differences(parts.get(i), pairs.get(i)));
      verdicts.add(verdict(mean, corrected[i]));
      details.add(detail(parts.get(i), pairs.get(i), corrected[i]) + verdicts.get(i));
    }
    return new Judgement(text, whole(verdicts), details);
  }

  private static Verdict verdict(double mean, double probability) {
    if (Double.isNaN(probability)) {
      return Verdict.UNKNOWN;
    }
    return probability >= Statistics.LEVEL
        ? Verdict.WITHIN_NOISE
        : mean < 0 ? Verdict.HELD : Verdict.NOT_HELD;
  }

  /** As of a {@code Hypothesis}: one that is wrong outweighs those that hold. */
  private static Verdict whole(List<Verdict> verdicts) {
    return Stream.of(Verdict.NOT_HELD, Verdict.UNKNOWN, Verdict.WITHIN_NOISE)
        .filter(verdicts::contains)
        .findFirst()
        .orElse(verdicts.isEmpty() ? Verdict.UNKNOWN : Verdict.HELD);
  }

  /** Several seeds, the same difference, and one. */
  private static boolean isCertain(double[] differences) {
    return differences.length > 1
        && differences[0] != 0
        && Arrays.stream(differences).allMatch(d -> d == differences[0]);
  }

  private static List<Pair> pairs(Part part, List<PruneReport> runs) {
    return runs.stream()
        .filter(part.first()::has)
        .flatMap(
            run ->
                runs.stream()
                    .filter(r -> part.second().has(r) && r.seed() == run.seed())
                    .map(r -> new Pair(run, r)))
        .toList();
  }

  private double[] differences(Part part, List<Pair> pairs) {
    return pairs.stream()
        .mapToDouble(
            pair ->
                count.applyAsDouble(pair.first())
                    - part.times() * count.applyAsDouble(pair.second()))
        .toArray();
  }

  private String detail(Part part, List<Pair> pairs, double probability) {
    String against =
        (part.times() == 1 ? "" : Texts.count(part.times()) + " times ") + part.second().name();
    String names = part.first().name() + " below " + against + ": ";
    if (pairs.isEmpty()) {
      return names + "no seed in common, ";
    }
    List<PruneReport> first = pairs.stream().map(Pair::first).toList();
    List<PruneReport> second = pairs.stream().map(Pair::second).toList();
    return String.format(
        Locale.ROOT,
        "%s%s against %s %s (%.1f against %.1f seconds), %s%s, ",
        names,
        Texts.count(mean(first, count)),
        Texts.count(mean(second, count)),
        unit,
        mean(first, run -> run.cost().seconds()),
        mean(second, run -> run.cost().seconds()),
        Double.isNaN(probability) ? "" : Statistics.inWords(probability) + ", ",
        Texts.plural(pairs.size(), "seed"));
  }

  private static double mean(List<PruneReport> runs, ToDoubleFunction<PruneReport> value) {
    return Statistics.mean(runs.stream().mapToDouble(value).toArray());
  }
}
