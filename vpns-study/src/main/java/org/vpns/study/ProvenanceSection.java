package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;

/**
 * Where the results came from: what all runs share, what the runs of a method at a sparsity share,
 * and what each has of its own.
 */
record ProvenanceSection(List<Fact> shared, List<Group> groups) implements PageSection {
  record Fact(String name, String value) {}

  /** The runs of one row of the table. */
  record Group(String row, List<Fact> shared, List<RunFacts> runs) {}

  record RunFacts(String run, List<Fact> facts) {}

  static ProvenanceSection of(Comparison comparison) {
    Map<String, String> all = common(comparison.runs());
    List<Group> groups = new ArrayList<>();
    for (Row row : comparison.rows()) {
      List<PruneReport> reports = comparison.runs(row);
      Map<String, String> common = common(reports);
      List<RunFacts> runs = new ArrayList<>();
      for (PruneReport report : reports) {
        runs.add(new RunFacts("seed " + report.seed(), facts(report.provenance(), common)));
      }
      groups.add(
          new Group(
              row.method()
                  + ", sparsity "
                  + row.sparsity()
                  + ", "
                  + ComparisonText.seeds(row.seeds()),
              facts(common, all),
              runs.stream().filter(run -> !run.facts().isEmpty()).toList()));
    }
    return new ProvenanceSection(facts(all, Map.of()), groups);
  }

  /** What all of them say alike. */
  private static Map<String, String> common(List<PruneReport> reports) {
    Map<String, String> common = new LinkedHashMap<>(reports.get(0).provenance());
    for (PruneReport report : reports) {
      common
          .entrySet()
          .removeIf(
              entry -> !Objects.equals(report.provenance().get(entry.getKey()), entry.getValue()));
    }
    return common;
  }

  private static List<Fact> facts(Map<String, String> all, Map<String, String> without) {
    List<Fact> facts = new ArrayList<>();
    all.forEach(
        (name, value) -> {
          if (!without.containsKey(name)) {
            facts.add(new Fact(name, value));
          }
        });
    return facts;
  }

  @Override
  public String name() {
    return "provenance";
  }

  @Override
  public String link() {
    return title();
  }

  @Override
  public String title() {
    return "Provenance";
  }

  @Override
  public boolean isEmpty() {
    return false;
  }
}
