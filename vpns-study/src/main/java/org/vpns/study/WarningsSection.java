package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;

/** Equal warnings once, each with the runs that gave it. */
record WarningsSection(List<Warning> warnings) implements PageSection {
  record Warning(String text, String where) {}

  static WarningsSection of(Comparison comparison) {
    List<Row> rows = comparison.rows();
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
                          + (seeds.size() == row.seeds().size()
                              ? ""
                              : " " + ComparisonText.seeds(seeds))));
          boolean everywhere =
              where.size() == rows.size()
                  && where.entrySet().stream()
                      .allMatch(entry -> entry.getValue().equals(entry.getKey().seeds()));
          warnings.add(new Warning(text, everywhere ? "all runs" : String.join(", ", parts)));
        });
    return new WarningsSection(warnings);
  }

  @Override
  public String name() {
    return "warnings";
  }

  @Override
  public String link() {
    return title();
  }

  @Override
  public String title() {
    return "Warnings";
  }

  @Override
  public boolean isEmpty() {
    return warnings.isEmpty();
  }
}
