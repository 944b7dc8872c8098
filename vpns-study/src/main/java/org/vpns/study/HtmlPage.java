package org.vpns.study;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;
import org.vpns.study.ComparisonColumn.Kind;
import org.vpns.study.ComparisonColumn.Signs;
import org.vpns.study.Difference.Verdict;

/** What the template of {@link HtmlReport} shows: text ready to be escaped, and data for charts. */
record HtmlPage(
    String title,
    String lede,
    List<Finding> findings,
    List<String> notes,
    List<Overview> overviews,
    List<Change> changes,
    List<Cell> header,
    List<Cell> costHeader,
    List<TableRow> table,
    List<Warning> warnings,
    List<HtmlArm> arms,
    List<Fact> shared,
    List<RunFacts> runs,
    String data,
    String css,
    String chartJs,
    String chartLicence,
    String script) {

  /** Points of all loss curves together, so that the page stays below two megabytes. */
  private static final int ALL_POINTS = 60_000;

  private static final int CURVE_POINTS = 300;

  /** What a phone has room for comes first. */
  private static final List<Kind> RESULTS =
      List.of(Kind.NAME, Kind.ACCURACY, Kind.RUNS, Kind.DIFFERENCE);

  /** Characters of all prompt pictures together. */
  private static final int PICTURES = 900_000;

  /** One statement; {@code sign} repeats in words what {@code kind} colours. */
  record Finding(String kind, String sign, String headline, String standing) {}

  /** The chart of accuracies at one sparsity. */
  record Overview(String id, String sparsity, String label, int height) {}

  record Cell(String text, boolean left) {}

  /** A row of the table of accuracies, and of that of costs. */
  record TableRow(String method, List<Cell> cells, List<Cell> costs, boolean baseline, int row) {}

  record Warning(String text, String where) {}

  record Fact(String name, String value) {}

  record RunFacts(String run, List<Fact> facts) {}

  /**
   * From what a run went to what: a count or an accuracy, before and after. Counts, which tuning
   * leaves as they are, have one place for pruned and tuned, so that a phone has room for both
   * ends.
   */
  record Change(String name, String before, String pruned, String after) {}

  /** What the script draws. */
  record Data(List<HtmlArm.Data> arms, List<OverviewData> overviews) {}

  record OverviewData(String id, List<Point> points) {}

  /**
   * One method of an overview: its row in the table, accuracies in percent; without deviation for a
   * single run.
   */
  record Point(
      int row,
      String method,
      boolean baseline,
      boolean prompted,
      double mean,
      @Nullable Double deviation,
      List<Double> runs) {}

  static HtmlPage of(
      String title,
      Comparison comparison,
      String css,
      String chartJs,
      String chartLicence,
      String script,
      Gson gson) {
    List<Row> rows = comparison.rows();
    List<PruneReport> reports = comparison.runs();
    int points = Math.max(20, Math.min(CURVE_POINTS, ALL_POINTS / reports.size()));
    DensityScale scale = DensityScale.of(reports);
    Row open =
        rows.stream().filter(row -> row.difference() != null).findFirst().orElse(rows.get(0));
    List<HtmlArm> arms = new ArrayList<>();
    int room = PICTURES;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      HtmlArm arm =
          HtmlArm.of("arm" + i, row, comparison.runs(row), row == open, points, scale, room);
      room -= arm.prompt() == null ? 0 : arm.prompt().uri().length();
      arms.add(arm);
    }
    List<Overview> overviews = new ArrayList<>();
    List<OverviewData> overviewData = new ArrayList<>();
    List<Change> changes = List.of();
    if (reports.size() > 1) {
      overviews(comparison, overviews, overviewData);
    } else {
      changes = changes(reports.get(0)); // a chart of one dot says less
    }
    List<ComparisonColumn> columns = ComparisonColumn.of(comparison, Signs.PLUS_MINUS);
    boolean alone = rows.stream().allMatch(row -> row.method().equals(comparison.baseline()));
    List<ComparisonColumn> results = new ArrayList<>(ordered(columns, RESULTS));
    if (alone) {
      results.removeIf(column -> column.kind() == Kind.DIFFERENCE); // to what?
    }
    List<ComparisonColumn> costs = ordered(columns, List.of(Kind.NAME, Kind.COST));
    Data data = new Data(arms.stream().map(HtmlArm::data).toList(), overviewData);
    return new HtmlPage(
        title,
        lede(comparison, reports),
        findings(comparison),
        comparison.notes(),
        overviews,
        changes,
        titles(results),
        titles(costs),
        table(comparison, results, costs),
        warnings(rows, comparison),
        arms,
        shared(reports),
        runs(reports),
        gson.toJson(data),
        css,
        chartJs,
        chartLicence,
        script);
  }

  private static String lede(Comparison comparison, List<PruneReport> reports) {
    Set<String> methods = new LinkedHashSet<>();
    Set<String> sparsities = new LinkedHashSet<>();
    Set<Long> seeds = new TreeSet<>();
    Set<String> images = new LinkedHashSet<>();
    for (Row row : comparison.rows()) {
      methods.add(row.method());
      sparsities.add(Comparison.decimal(row.sparsity()).toPlainString());
      seeds.addAll(row.seeds());
    }
    reports.forEach(report -> images.add(Texts.count(Comparison.tuned(report).images())));
    return Texts.plural(reports.size(), "run")
        + ": "
        + Texts.plural(methods.size(), "method")
        + " at sparsity "
        + String.join(", ", sparsities)
        + ", "
        + Texts.plural(seeds.size(), "seed")
        + ", tested on "
        + String.join(" or ", images)
        + " images."
        + (reports.size() == 1 ? "" : " Differences are taken to " + comparison.baseline() + ".");
  }

  private static List<Change> changes(PruneReport report) {
    long removed = report.prunable() - report.kept();
    List<Change> changes = new ArrayList<>();
    changes.add(
        new Change(
            "accuracy, %",
            percent(report.dense()), percent(report.pruned()), percent(report.tuned())));
    changes.add(counts("prunable weights", report.prunable(), report.kept()));
    changes.add(counts("trainable parameters", report.parameters(), report.parameters() - removed));
    if (report.macs() != null && report.keptMacs() != null) {
      changes.add(counts("multiply-adds for one image", report.macs(), report.keptMacs()));
    }
    if (report.denseBytes() != null && report.savedBytes() != null) {
      changes.add(counts("bytes on disk", report.denseBytes(), report.savedBytes()));
    }
    return changes;
  }

  private static Change counts(String name, long before, long after) {
    return new Change(name, Texts.count(before), "", Texts.count(after));
  }

  private static String percent(@Nullable Accuracy accuracy) {
    return accuracy == null ? "-" : Texts.percent(accuracy.promptedFraction());
  }

  private static List<Finding> findings(Comparison comparison) {
    List<Finding> findings = new ArrayList<>();
    for (Claims.Claim claim : Claims.of(comparison)) {
      Difference difference = claim.row().difference();
      boolean claimed = difference != null && difference.verdict() == Verdict.BEYOND_NOISE;
      boolean above = claimed && difference != null && difference.mean() > 0;
      findings.add(
          new Finding(
              above ? "above" : claimed ? "below" : "open",
              above ? "▲ above" : claimed ? "▼ below" : "○ no claim",
              claim.headline(),
              claim.standing()));
    }
    return findings;
  }

  private static void overviews(
      Comparison comparison, List<Overview> overviews, List<OverviewData> data) {
    Map<String, List<Row>> sparsities = new LinkedHashMap<>();
    for (Row row : comparison.rows()) {
      sparsities
          .computeIfAbsent(
              Comparison.decimal(row.sparsity()).toPlainString(), s -> new ArrayList<>())
          .add(row);
    }
    sparsities.forEach(
        (sparsity, rows) -> {
          String id = "overview" + overviews.size();
          List<Point> points = new ArrayList<>();
          List<String> words = new ArrayList<>();
          for (Row row : rows) {
            Comparison.Spread accuracy = row.accuracy();
            points.add(
                new Point(
                    comparison.rows().indexOf(row),
                    row.method(),
                    row.method().equals(comparison.baseline()),
                    row.prompted(),
                    100 * accuracy.mean(),
                    accuracy.runs() < 2 ? null : 100 * accuracy.deviation(),
                    comparison.runs(row).stream()
                        .map(run -> Curve.round(100 * Comparison.accuracy(run)))
                        .toList()));
            words.add(row.method() + " " + Texts.percent(accuracy.mean()) + " %");
          }
          overviews.add(
              new Overview(
                  id,
                  sparsity,
                  "Accuracy at sparsity " + sparsity + ": " + String.join(", ", words) + ".",
                  105 + 28 * rows.size()));
          data.add(new OverviewData(id, points));
        });
  }

  /**
   * Those of the given kinds, one kind after the other; the method first: it heads the row and
   * stays in sight when a table is scrolled.
   */
  private static List<ComparisonColumn> ordered(List<ComparisonColumn> columns, List<Kind> kinds) {
    return columns.stream()
        .filter(column -> kinds.contains(column.kind()))
        .sorted(
            Comparator.comparing((ComparisonColumn column) -> !column.words().equals("method"))
                .thenComparing(column -> kinds.indexOf(column.kind())))
        .toList();
  }

  private static List<Cell> titles(List<ComparisonColumn> columns) {
    return columns.stream()
        .map(column -> new Cell(column.words().replace("± ", "±\u00a0"), column.isLeft()))
        .toList();
  }

  private static List<TableRow> table(
      Comparison comparison, List<ComparisonColumn> results, List<ComparisonColumn> costs) {
    List<TableRow> table = new ArrayList<>();
    for (Row row : comparison.rows()) {
      table.add(
          new TableRow(
              row.method(),
              cells(row, results),
              cells(row, costs),
              row.method().equals(comparison.baseline()),
              table.size()));
    }
    return table;
  }

  /** All but the first, which is the method. */
  private static List<Cell> cells(Row row, List<ComparisonColumn> columns) {
    return columns.stream()
        .skip(1)
        .map(column -> new Cell(column.text().apply(row), column.isLeft()))
        .toList();
  }

  /** Equal warnings once, each with the runs that gave it. */
  private static List<Warning> warnings(List<Row> rows, Comparison comparison) {
    Map<String, Map<Row, List<Long>>> byText = new LinkedHashMap<>();
    for (Row row : rows) {
      for (PruneReport run : comparison.runs(row)) {
        for (String text : new LinkedHashSet<>(run.warnings())) {
          byText
              .computeIfAbsent(text, t -> new LinkedHashMap<>())
              .computeIfAbsent(row, r -> new ArrayList<>())
              .add(run.seed());
        }
      }
    }
    List<Warning> warnings = new ArrayList<>();
    byText.forEach(
        (text, where) -> {
          List<String> parts = new ArrayList<>();
          where.forEach(
              (row, seeds) ->
                  parts.add(
                      row.method()
                          + " "
                          + row.sparsity()
                          + (seeds.size() == row.seeds().size() ? "" : " " + seeds(seeds))));
          boolean everywhere =
              where.size() == rows.size()
                  && where.entrySet().stream()
                      .allMatch(entry -> entry.getValue().equals(entry.getKey().seeds()));
          warnings.add(new Warning(text, everywhere ? "all runs" : String.join(", ", parts)));
        });
    return warnings;
  }

  static String seeds(List<Long> seeds) {
    return (seeds.size() == 1 ? "seed " : "seeds ")
        + String.join(", ", seeds.stream().map(String::valueOf).toList());
  }

  private static List<Fact> shared(List<PruneReport> reports) {
    List<Fact> facts = new ArrayList<>();
    reports
        .get(0)
        .provenance()
        .forEach(
            (name, value) -> {
              if (isShared(reports, name)) {
                facts.add(new Fact(name, value));
              }
            });
    return facts;
  }

  private static List<RunFacts> runs(List<PruneReport> reports) {
    List<RunFacts> runs = new ArrayList<>();
    for (PruneReport report : reports) {
      List<Fact> facts = new ArrayList<>();
      report
          .provenance()
          .forEach(
              (name, value) -> {
                if (!isShared(reports, name)) {
                  facts.add(new Fact(name, value));
                }
              });
      runs.add(
          new RunFacts(
              report.recipe() + ", sparsity " + report.sparsity() + ", seed " + report.seed(),
              facts));
    }
    return runs;
  }

  private static boolean isShared(List<PruneReport> reports, String name) {
    return reports.stream().map(report -> report.provenance().get(name)).distinct().count() == 1;
  }
}
