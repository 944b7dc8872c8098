package org.vpns.examples.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.examples.search.BestSparse.Found;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.SearchResults.Trial;

/** What was found, as a table: the best sparse network, the dense one, the runners-up. */
final class FoundText {
  private FoundText() {}

  static String of(Found found) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("best sparse", found.best(), found.bestTested()));
    Trial dense = found.dense();
    if (dense != null) {
      rows.add(row("dense", dense, found.denseTested()));
    }
    found.runnersUp().forEach(trial -> rows.add(row("runner-up", trial, null)));
    List<String> header =
        List.of("<", "<method", "<settings", "steps", "kept %", "validation %", "test %");
    return Texts.table(header, rows)
        + "\n"
        + String.join("\n", found.search().notes())
        + "\nThe best sparse network: "
        + found.model().toAbsolutePath().normalize();
  }

  private static String settings(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static List<String> row(String place, Trial trial, @Nullable PruneReport tested) {
    PruneReport report = trial.report();
    return List.of(
        place,
        trial.method(),
        settings(trial.settings()),
        Texts.count(trial.steps()),
        report == null ? "-" : Texts.percent(report.density()),
        percent(trial.validation()),
        tested == null ? "-" : percent(fraction(tested)));
  }

  /** With its prompt, if it has one. */
  private static @Nullable Double fraction(PruneReport report) {
    Accuracy tuned = report.tuned();
    if (tuned == null) {
      return null;
    }
    return tuned.prompted() == null ? tuned.plainFraction() : tuned.promptedFraction();
  }

  private static String percent(@Nullable Double fraction) {
    return fraction == null ? "-" : Texts.percent(fraction);
  }
}
