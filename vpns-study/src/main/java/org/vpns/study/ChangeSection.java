package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;

/** What a single run made of the dense network: a chart of one dot says less. */
record ChangeSection(List<Change> changes) implements PageSection {
  /**
   * From what a run went to what: a count or an accuracy, before and after. Counts, which tuning
   * leaves as they are, have one place for pruned and tuned, so that a phone has room for both
   * ends.
   */
  record Change(String name, String before, String pruned, String after) {}

  static ChangeSection of(List<PruneReport> reports) {
    return new ChangeSection(reports.size() == 1 ? changes(reports.get(0)) : List.of());
  }

  @Override
  public String name() {
    return "change";
  }

  @Override
  public String link() {
    return title();
  }

  @Override
  public String title() {
    return "Before and after";
  }

  @Override
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  private static List<Change> changes(PruneReport report) {
    long removed = report.prunable() - report.kept();
    List<Change> changes = new ArrayList<>();
    changes.add(
        new Change(
            "accuracy, %",
            percent(report.dense()), percent(report.pruned()), percent(report.tuned())));
    changes.add(counts("prunable weights", report.prunable(), report.kept()));
    changes.add(counts("trainable parameters", report.parameters(), report.parameters() - removed));
    if (report.macs() != null && report.keptMacs() != null) {
      changes.add(counts("multiply-adds for one image", report.macs(), report.keptMacs()));
    }
    if (report.denseBytes() != null && report.savedBytes() != null) {
      changes.add(counts("bytes on disk", report.denseBytes(), report.savedBytes()));
    }
    return changes;
  }

  private static Change counts(String name, long before, long after) {
    return new Change(name, Texts.count(before), "", Texts.count(after));
  }

  private static String percent(@Nullable Accuracy accuracy) {
    return accuracy == null ? "-" : Texts.percent(accuracy.promptedFraction());
  }
}
