package org.vpns.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;

/**
 * Accuracy over sparsity, a line for each method with a band of one standard deviation to each
 * side.
 *
 * @param label the chart in words
 * @param lines in the order of the methods
 */
record SparsityCurves(String label, List<Line> lines) {
  /** A method, its sparsities ascending. */
  record Line(String method, List<Mark> marks) {}

  /**
   * One sparsity of a line: its row in the table, accuracies in percent; without deviation for a
   * single run.
   */
  record Mark(int row, String sparsity, double mean, @Nullable Double deviation) {}

  /** Null where there is but one sparsity, as nothing lies between two. */
  static @Nullable SparsityCurves of(Comparison comparison) {
    Map<String, List<Mark>> methods = new LinkedHashMap<>();
    TreeMap<Double, String> sparsities = new TreeMap<>();
    List<Row> rows = comparison.rows();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      String sparsity = Comparison.decimal(row.sparsity()).toPlainString();
      sparsities.put(Double.valueOf(sparsity), sparsity);
      Comparison.Spread accuracy = row.accuracy();
      methods
          .computeIfAbsent(row.method(), method -> new ArrayList<>())
          .add(
              new Mark(
                  i,
                  sparsity,
                  100 * accuracy.mean(),
                  accuracy.runs() < 2 ? null : 100 * accuracy.deviation()));
    }
    if (sparsities.size() < 2) {
      return null;
    }
    List<Line> lines = new ArrayList<>();
    methods.forEach(
        (method, marks) -> {
          marks.sort(Comparator.comparingDouble(mark -> Double.parseDouble(mark.sparsity())));
          lines.add(new Line(method, marks));
        });
    return new SparsityCurves(label(lines), lines);
  }

  private static String label(List<Line> lines) {
    List<String> words = new ArrayList<>();
    for (Line line : lines) {
      Mark first = line.marks().get(0);
      Mark last = line.marks().get(line.marks().size() - 1);
      words.add(
          line.method()
              + " "
              + Texts.percent(first.mean() / 100)
              + " % at "
              + first.sparsity()
              + (line.marks().size() == 1
                  ? ""
                  : ", " + Texts.percent(last.mean() / 100) + " % at " + last.sparsity()));
    }
    return "Accuracy over sparsity: " + String.join("; ", words) + ".";
  }
}
