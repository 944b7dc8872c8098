package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.vpns.report.PruneReport;

/** Where the results came from: what all runs share, and what each has of its own. */
record ProvenanceSection(List<Fact> shared, List<RunFacts> runs) implements PageSection {
  record Fact(String name, String value) {}

  record RunFacts(String run, List<Fact> facts) {}

  static ProvenanceSection of(List<PruneReport> reports) {
    return new ProvenanceSection(
        facts(reports, reports.get(0), true),
        reports.stream()
            .map(
                report ->
                    new RunFacts(
                        report.recipe()
                            + ", sparsity "
                            + report.sparsity()
                            + ", seed "
                            + report.seed(),
                        facts(reports, report, false)))
            .toList());
  }

  private static List<Fact> facts(List<PruneReport> reports, PruneReport report, boolean shared) {
    List<Fact> facts = new ArrayList<>();
    report
        .provenance()
        .forEach(
            (name, value) -> {
              if (isShared(reports, name) == shared) {
                facts.add(new Fact(name, value));
              }
            });
    return facts;
  }

  private static boolean isShared(List<PruneReport> reports, String name) {
    return reports.stream().map(report -> report.provenance().get(name)).distinct().count() == 1;
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
