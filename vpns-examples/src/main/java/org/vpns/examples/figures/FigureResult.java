package org.vpns.examples.figures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.Hypothesis;
import org.vpns.study.Hypothesis.Judgement;

/**
 * A figure's runs and what they say of its claims.
 *
 * @param title of the figure
 * @param reports its runs
 * @param comparison the same, grouped
 * @param judgements of its claims
 * @param notes what a reader must know
 * @param picture file of its picture in its folder; null where it has none
 */
record FigureResult(
    String title,
    List<PruneReport> reports,
    Comparison comparison,
    List<Judgement> judgements,
    List<String> notes,
    @Nullable String picture) {

  /** Groups the runs; without the baseline, differences are to the first method. */
  static FigureResult of(
      String title,
      List<PruneReport> reports,
      String baseline,
      List<Hypothesis> claims,
      List<String> notes) {
    boolean present = reports.stream().anyMatch(r -> r.recipe().equals(baseline));
    Comparison comparison = Comparison.of(reports, present ? baseline : reports.get(0).recipe());
    return new FigureResult(
        title,
        reports,
        comparison,
        claims.stream().map(c -> c.judge(comparison)).toList(),
        notes,
        null);
  }

  /** With more claims, already judged. */
  FigureResult with(List<Judgement> more) {
    List<Judgement> all = new ArrayList<>(judgements);
    all.addAll(more);
    return new FigureResult(title, reports, comparison, List.copyOf(all), notes, picture);
  }

  /** With a picture. */
  FigureResult picture(@Nullable String file) {
    return new FigureResult(title, reports, comparison, judgements, notes, file);
  }

  /** Writes {@code comparison.csv}, {@code claims.md} and {@code report.html}. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    AtomicFiles.writeText(folder.resolve("comparison.csv"), comparison.toCsv());
    AtomicFiles.writeText(
        folder.resolve("claims.md"),
        "# " + title + "\n\n" + toText() + "\n" + comparison.toMatrix());
    HtmlReport.write(folder.resolve("report.html"), title, comparison, reports);
  }

  /** Claims with their verdicts and figures, as a list of Markdown. */
  String toText() {
    StringBuilder text = new StringBuilder();
    for (Judgement judgement : judgements) {
      text.append("- **")
          .append(judgement.verdict())
          .append("**: ")
          .append(judgement.text())
          .append('\n');
      judgement.details().forEach(detail -> text.append("  - ").append(detail).append('\n'));
    }
    notes.forEach(note -> text.append("- ").append(note).append('\n'));
    return text.toString();
  }
}
