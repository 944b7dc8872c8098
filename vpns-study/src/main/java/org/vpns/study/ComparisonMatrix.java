package org.vpns.study;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Difference.Verdict;

/** A comparison with a row for each method and a column for each sparsity. */
final class ComparisonMatrix {
  private ComparisonMatrix() {}

  static String markdown(Comparison comparison) {
    Map<BigDecimal, String> sparsities = new LinkedHashMap<>();
    Map<String, Map<BigDecimal, Row>> methods = new LinkedHashMap<>();
    for (Row row : comparison.rows()) {
      BigDecimal sparsity = Comparison.decimal(row.sparsity());
      sparsities.putIfAbsent(sparsity, row.sparsity());
      methods.computeIfAbsent(row.method(), name -> new LinkedHashMap<>()).put(sparsity, row);
    }
    List<String> header = new ArrayList<>(List.of("<method"));
    header.addAll(sparsities.values());
    header.addAll(List.of("epochs", "gradient steps", "seconds"));
    List<List<String>> lines = new ArrayList<>();
    methods.forEach(
        (method, rows) -> {
          List<String> line = new ArrayList<>(List.of(method));
          for (BigDecimal sparsity : sparsities.keySet()) {
            Row row = rows.get(sparsity);
            line.add(row == null ? "-" : accuracy(row));
          }
          line.add(range(rows, row -> row.epochs() == null ? Double.NaN : row.epochs()));
          line.add(range(rows, Row::gradientSteps));
          line.add(range(rows, Row::seconds, Texts::seconds));
          lines.add(line);
        });
    return Markdown.table(header, lines) + "\n" + Markdown.escape(legend(comparison)) + "\n";
  }

  private static String accuracy(Row row) {
    Difference difference = row.difference();
    String sign = "";
    if (difference != null && difference.verdict() == Verdict.BEYOND_NOISE) {
      sign = difference.mean() > 0 ? " (+)" : " (-)";
    }
    return ComparisonText.spread(row.accuracy(), " ± ", "") + sign;
  }

  private static String legend(Comparison comparison) {
    return "Accuracy in percent ± deviation over seeds, with the prompt where the method learns"
        + " one; (+) above and (-) below "
        + comparison.baseline()
        + " beyond noise. Costs are means over seeds, from the lowest to the highest of the"
        + " sparsities.";
  }

  private static String range(Map<BigDecimal, Row> rows, ToDoubleFunction<Row> value) {
    return range(rows, value, Texts::count);
  }

  private static String range(
      Map<BigDecimal, Row> rows, ToDoubleFunction<Row> value, DoubleFunction<String> text) {
    double[] values = rows.values().stream().mapToDouble(value).sorted().toArray();
    // NaN comes last
    if (Double.isNaN(values[values.length - 1])) {
      return "-";
    }
    String lowest = text.apply(values[0]);
    String highest = text.apply(values[values.length - 1]);
    return lowest.equals(highest) ? lowest : lowest + " to " + highest;
  }
}
