package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;

/**
 * Charts of all accuracies: over sparsity, and run by run at each sparsity.
 *
 * @param curves null where there is one sparsity
 * @param few whether the charts of single sparsities are few enough to be shown at once
 */
record AccuracySection(
    @Nullable SparsityCurves curves, List<Overview> overviews, boolean few, Data data)
    implements PageSection {
  /** Charts of single sparsities that are shown at once. */
  private static final int SHOWN = 3;

  record Data(@Nullable SparsityCurves curves, List<OverviewData> overviews) {}

  /** The chart of accuracies at one sparsity. */
  record Overview(String id, String sparsity, String label, int height) {}

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

  static AccuracySection of(Comparison comparison) {
    List<Overview> overviews = new ArrayList<>();
    List<OverviewData> data = new ArrayList<>();
    if (comparison.runs().size() > 1) {
      bySparsity(comparison)
          .forEach(
              (sparsity, rows) -> {
                String id = "overview" + overviews.size();
                overviews.add(overview(id, sparsity, rows));
                data.add(
                    new OverviewData(
                        id, rows.stream().map(row -> point(comparison, row)).toList()));
              });
    }
    SparsityCurves curves = overviews.isEmpty() ? null : SparsityCurves.of(comparison);
    return new AccuracySection(
        curves, overviews, overviews.size() <= SHOWN, new Data(curves, data));
  }

  private static Map<String, List<Row>> bySparsity(Comparison comparison) {
    Map<String, List<Row>> sparsities = new LinkedHashMap<>();
    for (Row row : comparison.rows()) {
      sparsities
          .computeIfAbsent(
              Comparison.decimal(row.sparsity()).toPlainString(), s -> new ArrayList<>())
          .add(row);
    }
    return sparsities;
  }

  private static Overview overview(String id, String sparsity, List<Row> rows) {
    List<String> words =
        rows.stream()
            .map(row -> row.method() + " " + Texts.percent(row.accuracy().mean()) + " %")
            .toList();
    return new Overview(
        id,
        sparsity,
        "Accuracy at sparsity " + sparsity + ": " + String.join(", ", words) + ".",
        105 + 28 * rows.size());
  }

  private static Point point(Comparison comparison, Row row) {
    Comparison.Spread accuracy = row.accuracy();
    return new Point(
        comparison.rows().indexOf(row),
        row.method(),
        row.method().equals(comparison.baseline()),
        row.prompted(),
        100 * accuracy.mean(),
        accuracy.runs() < 2 ? null : 100 * accuracy.deviation(),
        comparison.runs(row).stream()
            .map(run -> Curve.round(100 * Comparison.accuracy(run)))
            .toList());
  }

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public String link() {
    return "Accuracy";
  }

  @Override
  public String title() {
    return "Accuracy on test images";
  }

  @Override
  public boolean isEmpty() {
    return overviews.isEmpty();
  }
}
