package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;

/** A chart of what methods cost and what they reach. */
record CostSection(List<String> sparsities, String label, Data data) implements PageSection {
  /** What a run may be counted in. */
  private static final Map<String, Function<Row, @Nullable Double>> COSTS = new LinkedHashMap<>();

  static {
    COSTS.put("gradient steps", Row::gradientSteps);
    COSTS.put("seconds", Row::seconds);
    COSTS.put("epochs", Row::epochs);
    COSTS.put("multiply-adds for one image", Row::keptMacs);
  }

  record Data(List<String> methods, List<Cost> costs) {}

  /** One axis to choose. */
  record Cost(String name, List<Point> points) {}

  /** One method at one sparsity: means, accuracies in percent. */
  record Point(
      int row, int method, String sparsity, double cost, double mean, @Nullable Double deviation) {}

  static CostSection of(Comparison comparison) {
    Set<String> methods = new LinkedHashSet<>();
    Set<String> sparsities = new LinkedHashSet<>();
    for (Row row : comparison.rows()) {
      methods.add(row.method());
      sparsities.add(Comparison.decimal(row.sparsity()).toPlainString());
    }
    List<Cost> costs = new ArrayList<>();
    if (comparison.rows().size() > 1) {
      COSTS.forEach(
          (name, cost) -> {
            List<Point> points = points(comparison, List.copyOf(methods), cost);
            if (!points.isEmpty()) {
              costs.add(new Cost(name, points));
            }
          });
    }
    return new CostSection(
        List.copyOf(sparsities), label(comparison), new Data(List.copyOf(methods), costs));
  }

  private static List<Point> points(
      Comparison comparison, List<String> methods, Function<Row, @Nullable Double> cost) {
    List<Point> points = new ArrayList<>();
    List<Row> rows = comparison.rows();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      Double of = cost.apply(row);
      if (of != null) {
        points.add(
            new Point(
                i,
                methods.indexOf(row.method()),
                Comparison.decimal(row.sparsity()).toPlainString(),
                of,
                100 * row.accuracy().mean(),
                row.accuracy().runs() < 2 ? null : 100 * row.accuracy().deviation()));
      }
    }
    return points;
  }

  private static String label(Comparison comparison) {
    return "Accuracy over cost: "
        + String.join(
            "; ",
            comparison.rows().stream()
                .map(
                    row ->
                        row.method()
                            + " at "
                            + row.sparsity()
                            + " "
                            + Texts.percent(row.accuracy().mean())
                            + " % after "
                            + Texts.count(row.gradientSteps())
                            + " gradient steps")
                .toList())
        + ".";
  }

  @Override
  public String name() {
    return "cost";
  }

  @Override
  public String link() {
    return "Cost";
  }

  @Override
  public String title() {
    return "Cost against accuracy";
  }

  @Override
  public boolean isEmpty() {
    return data.costs().isEmpty();
  }
}
