package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;

/** Curves, costs, prompt and densities of each method at each sparsity. */
record MethodsSection(List<HtmlArm> arms) implements PageSection {
  /** Points of all loss curves together, so that the page stays below two megabytes. */
  private static final int ALL_POINTS = 60_000;

  private static final int CURVE_POINTS = 300;

  /** Characters of all prompt pictures together. */
  private static final int PICTURES = 900_000;

  static MethodsSection of(Comparison comparison) {
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
    return new MethodsSection(arms);
  }

  @Override
  public String name() {
    return "methods";
  }

  @Override
  public String link() {
    return "Methods";
  }

  @Override
  public String title() {
    return "Method by method";
  }

  @Override
  public boolean isEmpty() {
    return arms.isEmpty();
  }

  @Override
  public List<HtmlArm.Data> data() {
    return arms.stream().map(HtmlArm::data).toList();
  }
}
