package org.vpns.study;

import com.google.common.collect.ImmutableList;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;

/**
 * Runs of several methods, sparsities and seeds in one table: means and deviations, and differences
 * to a baseline method taken seed by seed.
 *
 * <p>The accuracy of a run is the one at its end: with the prompt where it learned one, else
 * without. Immutable.
 */
public final class Comparison {
  private final String baseline;
  private final Map<Key, Group> groups;
  private final List<Row> rows;

  /** Sparsity without trailing zeros, and method. */
  private record Key(BigDecimal sparsity, String method) {}

  /** The runs of one row by seed. */
  private record Group(String sparsity, TreeMap<Long, PruneReport> runs) {}

  /**
   * Mean and standard deviation over runs that differ by seed only.
   *
   * @param runs number of values
   * @param mean arithmetic mean
   * @param deviation standard deviation with divisor n - 1; NaN of one value
   */
  public record Spread(int runs, double mean, double deviation) {
    static Spread of(double[] values) {
      return new Spread(values.length, Statistics.mean(values), Statistics.deviation(values));
    }
  }

  /**
   * One method at one sparsity. Accuracies are fractions, 0 to 1.
   *
   * @param sparsity fraction removed, as the first report of the row writes it
   * @param method the recipe's name
   * @param seeds seeds of the runs, ascending
   * @param prompted whether the accuracy is the one with a prompt
   * @param accuracy accuracy at the end: with the prompt where there is one
   * @param plain accuracy at the end without the prompt
   * @param before accuracy with the mask before tuning, with the prompt where there is one; null
   *     where a run lacks it
   * @param difference to the baseline, its probability corrected for all differences of the table;
   *     null for the baseline itself and where no seed is common
   * @param epochs {@link PruneReport#epochs}, mean over the runs; null where a run lacks it
   * @param gradientSteps in training and for scores, mean over the runs
   * @param scoringSteps those for scores
   * @param scoringImages images of those for scores
   * @param doubleBackwards for scores, mean over the runs
   * @param seconds of training and of finding and moving masks, mean over the runs
   * @param dense accuracy before anything was pruned; null where a run lacks it
   * @param macs multiply-adds of the dense network for one image, mean over the runs; null where a
   *     run lacks them
   * @param keptMacs those with kept weights, likewise
   */
  public record Row(
      String sparsity,
      String method,
      List<Long> seeds,
      boolean prompted,
      Spread accuracy,
      Spread plain,
      @Nullable Spread before,
      @Nullable Difference difference,
      @Nullable Double epochs,
      double gradientSteps,
      double scoringSteps,
      double scoringImages,
      double doubleBackwards,
      double seconds,
      @Nullable Spread dense,
      @Nullable Double macs,
      @Nullable Double keptMacs) {
    /** Copies the list. */
    public Row {
      Problem.given(sparsity, "new Comparison.Row", "sparsity");
      Problem.given(method, "new Comparison.Row", "method");
      seeds = ImmutableList.copyOf(Problem.givenEach(seeds, "new Comparison.Row", "seeds"));
      Problem.given(accuracy, "new Comparison.Row", "accuracy");
      Problem.given(plain, "new Comparison.Row", "plain");
    }

    private Row probability(double corrected) {
      return new Row(
          sparsity,
          method,
          seeds,
          prompted,
          accuracy,
          plain,
          before,
          difference == null ? null : difference.probability(corrected),
          epochs,
          gradientSteps,
          scoringSteps,
          scoringImages,
          doubleBackwards,
          seconds,
          dense,
          macs,
          keptMacs);
    }
  }

  private Comparison(String baseline, Map<Key, Group> groups) {
    this.baseline = baseline;
    this.groups = groups;
    List<Row> list = new ArrayList<>();
    // Sparsities in order of appearance, and within each the methods in order of appearance.
    Set<BigDecimal> sparsities = new LinkedHashSet<>();
    groups.keySet().forEach(key -> sparsities.add(key.sparsity()));
    for (BigDecimal sparsity : sparsities) {
      groups.forEach(
          (key, group) -> {
            if (key.sparsity().equals(sparsity)) {
              list.add(row(key, group));
            }
          });
    }
    this.rows = Collections.unmodifiableList(corrected(list));
  }

  /** With the probabilities of all differences to the baseline corrected for their number. */
  private static List<Row> corrected(List<Row> rows) {
    double[] probabilities =
        Statistics.holm(
            rows.stream()
                .map(Row::difference)
                .mapToDouble(d -> d == null ? Double.NaN : d.probability())
                .toArray());
    List<Row> corrected = new ArrayList<>();
    for (int i = 0; i < probabilities.length; i++) {
      corrected.add(rows.get(i).probability(probabilities[i]));
    }
    return corrected;
  }

  /**
   * Groups reports by sparsity and method.
   *
   * @param reports the runs; at least one
   * @param baseline name of the method that the others are compared to
   * @throws IllegalArgumentException without runs, without a run of the baseline, where a run has
   *     no final accuracy, where two runs agree in sparsity, method and seed, or where only some
   *     runs of a method have a prompt
   */
  public static Comparison of(List<PruneReport> reports, String baseline) {
    Problem.givenEach(reports, "Comparison.of", "reports");
    Problem.given(baseline, "Comparison.of", "baseline");
    Map<Key, Group> groups = new LinkedHashMap<>();
    Set<String> methods = new LinkedHashSet<>();
    for (PruneReport report : reports) {
      Accuracy tuned = report.tuned();
      if (tuned == null) {
        throw Problem.argument(
            "run without final accuracy",
            "Comparison.of, " + name(report),
            "test images evaluated at the end",
            "none",
            "run the recipe with test images");
      }
      Group group =
          groups.computeIfAbsent(
              new Key(decimal(report), report.recipe()),
              key -> new Group(report.sparsity(), new TreeMap<>()));
      if (!group.runs().isEmpty()) {
        PruneReport first = group.runs().firstEntry().getValue();
        if (prompted(first) != prompted(report)) {
          throw Problem.argument(
              "runs of one method differ by more than the seed",
              "Comparison.of, " + name(report),
              prompted(first) ? "accuracy with prompt" : "no accuracy with prompt",
              prompted(report) ? "accuracy with prompt" : "none",
              "give recipes that differ different names");
        }
      }
      if (group.runs().putIfAbsent(report.seed(), report) != null) {
        throw Problem.argument(
            "run given twice",
            "Comparison.of, " + name(report),
            "one run per sparsity, method and seed",
            "another with the same three",
            "leave one out, or give the recipes different names");
      }
      methods.add(report.recipe());
    }
    if (!methods.contains(baseline)) {
      throw Problem.argument(
          "no run of the baseline",
          "Comparison.of",
          "one of " + methods,
          "'" + baseline + "'",
          "name a method of the list");
    }
    return new Comparison(baseline, groups);
  }

  /** Name of the method that the others are compared to. */
  public String baseline() {
    return baseline;
  }

  /** One row per sparsity and method, sparsities and methods in order of appearance. */
  public List<Row> rows() {
    return rows;
  }

  /**
   * The difference of two methods at one sparsity, first minus second; null where they have no seed
   * in common or one of them was not run at this sparsity. Its probability is that of one
   * comparison by itself.
   *
   * @param sparsity fraction removed, as a decimal numeral
   */
  public @Nullable Difference difference(String sparsity, String method, String other) {
    Problem.given(sparsity, "Comparison.difference", "sparsity");
    Problem.given(method, "Comparison.difference", "method");
    Problem.given(other, "Comparison.difference", "other");
    return difference(sparsity, method, sparsity, other);
  }

  /** The same of methods that may be at different sparsities, as a dense network is. */
  @Nullable Difference difference(
      String sparsity, String method, String otherSparsity, String other) {
    Group first = groups.get(new Key(decimal(sparsity), method));
    Group second = groups.get(new Key(decimal(otherSparsity), other));
    if (first == null || second == null) {
      return null;
    }
    List<TestImages.Pair> pairs = new ArrayList<>();
    first
        .runs()
        .forEach(
            (seed, run) -> {
              PruneReport rival = second.runs().get(seed);
              if (rival != null) {
                pairs.add(new TestImages.Pair(run, rival));
              }
            });
    if (pairs.isEmpty()) {
      return null;
    }
    return Difference.of(
        pairs.stream().mapToDouble(p -> accuracy(p.first()) - accuracy(p.second())).toArray(),
        TestImages.perTraining(pairs.stream().map(TestImages.Pair::first).toList()),
        TestImages.error(pairs));
  }

  /**
   * What the figures allow to say of every method against the baseline, one sentence group per
   * method and sparsity. A difference is called beyond noise only where {@link Difference#verdict}
   * says so, and a lead over the baseline is told together with how the method stands against every
   * other one at this sparsity.
   */
  public List<String> sentences() {
    return Claims.of(this).stream().map(claim -> Texts.oneLine(claim.text())).toList();
  }

  /** What a reader must know to read the table rightly; in words. */
  public List<String> notes() {
    return Claims.notes(this).stream().map(Texts::oneLine).toList();
  }

  /** The table, the sentences and the notes for a console: plain ASCII apart from names. */
  public String toText() {
    return ComparisonText.console(this);
  }

  /** The table, the sentences and the notes in GitHub's Markdown. */
  public String toMarkdown() {
    return ComparisonText.markdown(this);
  }

  /**
   * Accuracies alone, with a row for each method and a column for each sparsity, and costs, in
   * GitHub's Markdown: for comparisons whose table is too long to read.
   */
  public String toMatrix() {
    return ComparisonText.matrix(this);
  }

  /**
   * One line per row of the table under a line of titles, as comma-separated values; accuracies and
   * differences are fractions.
   */
  public String toCsv() {
    return ComparisonText.csv(this);
  }

  /** Whether anything is compared to the baseline. */
  boolean hasRivals() {
    return rows.stream().anyMatch(row -> !row.method().equals(baseline));
  }

  /** How many runs of how many methods, and the baseline; {@link #toText()} tells all. */
  @Override
  public String toString() {
    return Texts.plural(runs().size(), "run")
        + " of "
        + Texts.plural(rows.stream().map(Row::method).distinct().count(), "method")
        + " compared to "
        + Texts.oneLine(baseline)
        + ": "
        + rows.stream()
            .map(
                row ->
                    Texts.oneLine(row.method())
                        + " "
                        + row.sparsity()
                        + " "
                        + Texts.percent(row.accuracy().mean())
                        + " %")
            .collect(Collectors.joining(", "));
  }

  /** The reports of one row, seeds ascending. */
  List<PruneReport> runs(Row row) {
    Group group = groups.get(new Key(decimal(row.sparsity()), row.method()));
    return group == null ? List.of() : List.copyOf(group.runs().values());
  }

  /** All reports, row by row. */
  List<PruneReport> runs() {
    return rows.stream().flatMap(row -> runs(row).stream()).toList();
  }

  /** The row of a method at the sparsity of another row; null where it was not run there. */
  @Nullable Row beside(Row row, String method) {
    for (Row other : rows) {
      if (other.method().equals(method) && sameSparsity(other, row)) {
        return other;
      }
    }
    return null;
  }

  static boolean sameSparsity(Row a, Row b) {
    return decimal(a.sparsity()).equals(decimal(b.sparsity()));
  }

  private Row row(Key key, Group group) {
    List<PruneReport> runs = List.copyOf(group.runs().values());
    return new Row(
        group.sparsity(),
        key.method(),
        List.copyOf(group.runs().keySet()),
        prompted(runs.get(0)),
        spread(runs, Comparison::accuracy),
        spread(runs, run -> tuned(run).plainFraction()),
        runs.stream().anyMatch(run -> run.pruned() == null)
            ? null
            : spread(runs, run -> fraction(run.pruned())),
        key.method().equals(baseline) ? null : difference(group.sparsity(), key.method(), baseline),
        meanIfKnown(runs, PruneReport::epochs),
        mean(runs, run -> run.cost().gradientSteps()),
        mean(runs, run -> run.scoring().gradientSteps()),
        mean(runs, run -> run.scoring().images()),
        mean(runs, run -> run.cost().doubleBackwards()),
        mean(runs, run -> run.cost().seconds()),
        runs.stream().anyMatch(run -> run.dense() == null)
            ? null
            : spread(runs, run -> fraction(run.dense())),
        meanIfKnown(runs, PruneReport::macs),
        meanIfKnown(runs, PruneReport::keptMacs));
  }

  private static @Nullable Double meanIfKnown(
      List<PruneReport> runs, Function<PruneReport, @Nullable Number> value) {
    double sum = 0;
    for (PruneReport run : runs) {
      Number known = value.apply(run);
      if (known == null) {
        return null;
      }
      sum += known.doubleValue();
    }
    return sum / runs.size();
  }

  private static double mean(List<PruneReport> runs, ToDoubleFunction<PruneReport> value) {
    return spread(runs, value).mean();
  }

  private static Spread spread(List<PruneReport> runs, ToDoubleFunction<PruneReport> value) {
    return Spread.of(runs.stream().mapToDouble(value).toArray());
  }

  static double accuracy(PruneReport run) {
    return tuned(run).promptedFraction();
  }

  private static double fraction(@Nullable Accuracy accuracy) {
    return accuracy == null ? Double.NaN : accuracy.promptedFraction();
  }

  static Accuracy tuned(PruneReport run) {
    Accuracy tuned = run.tuned();
    if (tuned == null) {
      throw new IllegalStateException(name(run));
    }
    return tuned;
  }

  private static boolean prompted(PruneReport run) {
    return tuned(run).prompted() != null;
  }

  private static BigDecimal decimal(PruneReport report) {
    try {
      return decimal(report.sparsity());
    } catch (NumberFormatException e) {
      throw Problem.argument(
          "sparsity is not a number",
          "Comparison.of, " + name(report),
          "a decimal numeral such as 0.90",
          "'" + report.sparsity() + "'",
          "correct the report");
    }
  }

  static BigDecimal decimal(String sparsity) {
    BigDecimal value = new BigDecimal(sparsity);
    return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
  }

  private static String name(PruneReport report) {
    return report.recipe() + " " + report.sparsity() + " seed " + report.seed();
  }
}
