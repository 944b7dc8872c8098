package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;

/** A chart of how much each layer keeps, methods side by side at one sparsity. */
record DensitySection(List<String> sparsities, String label, Data data) implements PageSection {
  /**
   * For the chart.
   *
   * @param logarithmic whether the axis of densities is
   */
  record Data(boolean logarithmic, List<String> layers, List<Line> lines) {}

  /** One row of the table: percent kept of each layer, mean over seeds; null where it has none. */
  record Line(int row, String method, String sparsity, List<@Nullable Double> densities) {}

  static DensitySection of(Comparison comparison) {
    Set<String> layers = new LinkedHashSet<>();
    Set<String> sparsities = new LinkedHashSet<>();
    for (PruneReport run : comparison.runs()) {
      run.layers().forEach(layer -> layers.add(layer.path()));
    }
    List<Line> lines = new ArrayList<>();
    List<Row> rows = comparison.rows();
    for (int i = 0; i < rows.size() && rows.size() > 1 && !layers.isEmpty(); i++) {
      String sparsity = Comparison.decimal(rows.get(i).sparsity()).toPlainString();
      sparsities.add(sparsity);
      Map<String, Double> means = means(comparison.runs(rows.get(i)));
      List<@Nullable Double> densities = new ArrayList<>();
      layers.forEach(path -> densities.add(means.get(path)));
      lines.add(new Line(i, rows.get(i).method(), sparsity, densities));
    }
    boolean logarithmic = DensityScale.of(comparison.runs()).decades() > 0;
    return new DensitySection(
        List.copyOf(sparsities),
        "Density of "
            + Texts.plural(layers.size(), "layer")
            + ", "
            + Texts.plural(lines.size(), "line")
            + "; the figures are in the tables of each method.",
        new Data(logarithmic, List.copyOf(layers), lines));
  }

  private static Map<String, Double> means(List<PruneReport> runs) {
    Map<String, Double> sums = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (PruneReport run : runs) {
      for (LayerRecord layer : run.layers()) {
        sums.merge(layer.path(), 100 * layer.density(), Double::sum);
        counts.merge(layer.path(), 1, Integer::sum);
      }
    }
    sums.replaceAll((path, sum) -> Curve.round(sum / counts.getOrDefault(path, 1)));
    return sums;
  }

  @Override
  public String name() {
    return "density";
  }

  @Override
  public String link() {
    return "Densities";
  }

  @Override
  public String title() {
    return "Density of each layer";
  }

  @Override
  public boolean isEmpty() {
    return data.lines().isEmpty();
  }
}
