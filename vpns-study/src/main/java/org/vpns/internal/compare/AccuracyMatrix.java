package org.vpns.internal.compare;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.vpns.internal.text.Texts;

/**
 * Accuracies of many methods and sparsities in Markdown: a row for each method, a column for each
 * sparsity, and costs.
 */
public final class AccuracyMatrix {
  private final Map<BigDecimal, String> sparsities = new LinkedHashMap<>();
  private final Map<String, Map<BigDecimal, Cell>> methods = new LinkedHashMap<>();

  /**
   * One method at one sparsity.
   *
   * @param accuracy as the table shows it
   * @param difference to the baseline; NaN where there is none
   * @param probability of the difference, after correction; NaN where nothing can be said
   * @param epochs NaN where not told
   */
  public record Cell(
      String accuracy,
      double difference,
      double probability,
      double epochs,
      double gradientSteps,
      double seconds) {
    private String text() {
      boolean claimed = probability < Statistics.LEVEL;
      return accuracy + (claimed ? difference > 0 ? " (+)" : " (-)" : "");
    }
  }

  /** Adds a cell; sparsities and methods keep their order of appearance. */
  public void add(String sparsity, String method, Cell cell) {
    BigDecimal value = new BigDecimal(sparsity).stripTrailingZeros();
    sparsities.putIfAbsent(value, sparsity);
    methods.computeIfAbsent(method, name -> new LinkedHashMap<>()).put(value, cell);
  }

  /** The table. */
  public String toMarkdown() {
    List<String> header = new ArrayList<>(List.of("<method"));
    header.addAll(sparsities.values());
    header.addAll(List.of("epochs", "gradient steps", "seconds"));
    List<List<String>> lines = new ArrayList<>();
    methods.forEach(
        (method, cells) -> {
          List<String> line = new ArrayList<>(List.of(method));
          for (BigDecimal sparsity : sparsities.keySet()) {
            Cell cell = cells.get(sparsity);
            line.add(cell == null ? "-" : cell.text());
          }
          line.add(range(cells, Cell::epochs, Texts::count));
          line.add(range(cells, Cell::gradientSteps, Texts::count));
          line.add(range(cells, Cell::seconds, Texts::seconds));
          lines.add(line);
        });
    return Markdown.table(header, lines);
  }

  private static String range(
      Map<BigDecimal, Cell> cells, ToDoubleFunction<Cell> value, DoubleFunction<String> text) {
    double[] values = cells.values().stream().mapToDouble(value).sorted().toArray();
    // NaN comes last
    if (Double.isNaN(values[values.length - 1])) {
      return "-";
    }
    String lowest = text.apply(values[0]);
    String highest = text.apply(values[values.length - 1]);
    return lowest.equals(highest) ? lowest : lowest + " to " + highest;
  }
}
