package org.vpns.examples.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    Accuracy given = found.givenTested();
    if (given != null) {
      String accuracy = percent(given.plainFraction());
      rows.add(List.of("as given", "-", "0", Texts.percent(1), "-", accuracy));
    }
    rows.add(row("best sparse", found.best(), found.bestTested()));
    Trial dense = found.dense();
    if (dense != null) {
      rows.add(row("dense", dense, found.denseTested()));
    }
    found.runnersUp().forEach(trial -> rows.add(row("runner-up", trial, null)));
    List<String> header = List.of("<", "<method", "steps", "kept %", "validation %", "test %");
    return Texts.table(header, rows)
        + "\n"
        + settings(found)
        + "\n"
        + String.join("\n", found.search().notes())
        + (dense == null ? "\nNo dense network came to its end: " + failure(found) : "")
        + "\nThe best sparse network: "
        + found.model().toAbsolutePath().normalize();
  }

  private static String failure(Found found) {
    return found.search().trials().stream()
        .filter(trial -> trial.method().equals(MethodSpaces.DENSE) && trial.failure() != null)
        .map(trial -> settings(trial.settings()) + ", " + trial.failure())
        .findFirst()
        .orElse("there was no time for it");
  }

  /** Of all rows, each on a line of its own: they are long. */
  private static String settings(Found found) {
    return Stream.concat(
            Stream.of(found.best(), found.dense()).filter(Objects::nonNull),
            found.runnersUp().stream())
        .map(trial -> trial.method() + ": " + settings(trial.settings()))
        .collect(Collectors.joining("\n"));
  }

  private static String settings(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static List<String> row(String place, Trial trial, @Nullable Accuracy tested) {
    PruneReport report = trial.report();
    return List.of(
        place,
        trial.method(),
        Texts.count(trial.steps()),
        report == null ? "-" : Texts.percent(report.density()),
        percent(trial.validation()),
        tested == null ? "-" : percent(fraction(tested)));
  }

  /** With its prompt, if it has one. */
  private static double fraction(Accuracy accuracy) {
    return accuracy.prompted() == null ? accuracy.plainFraction() : accuracy.promptedFraction();
  }

  private static String percent(@Nullable Double fraction) {
    return fraction == null ? "-" : Texts.percent(fraction);
  }
}
