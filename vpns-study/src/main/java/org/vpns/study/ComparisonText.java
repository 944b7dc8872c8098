package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;

/** A comparison as text: for a console, and in Markdown. */
final class ComparisonText {
  private ComparisonText() {}

  static String console(Comparison comparison) {
    List<List<String>> rows = new ArrayList<>();
    for (Row row : comparison.rows()) {
      rows.add(cells(comparison, row, " (", ")"));
    }
    StringBuilder text = new StringBuilder();
    text.append(Texts.table(header(comparison, " (sd)", " (se)"), rows)).append('\n');
    if (!comparison.sentences().isEmpty()) {
      text.append('\n');
    }
    comparison.sentences().forEach(s -> text.append("* ").append(Texts.oneLine(s)).append('\n'));
    text.append('\n');
    comparison.notes().forEach(n -> text.append(Texts.oneLine(n)).append('\n'));
    return text.toString();
  }

  static String markdown(Comparison comparison) {
    List<List<String>> rows = new ArrayList<>();
    comparison.rows().forEach(row -> rows.add(cells(comparison, row, " ± ", "")));
    StringBuilder text =
        new StringBuilder(Markdown.table(header(comparison, " ± sd", " ± se"), rows));
    if (!comparison.sentences().isEmpty()) {
      text.append('\n');
    }
    comparison.sentences().forEach(s -> text.append("- ").append(Markdown.escape(s)).append('\n'));
    text.append('\n');
    comparison.notes().forEach(n -> text.append(Markdown.escape(n)).append('\n').append('\n'));
    return text.toString().stripTrailing() + "\n";
  }

  static List<String> header(Comparison comparison, String deviation, String error) {
    List<String> titles =
        new ArrayList<>(
            List.of(
                "<sparsity",
                "<method",
                "runs",
                "<prompt",
                "accuracy %" + deviation,
                "plain %" + deviation,
                "before tuning %" + deviation,
                "vs " + Texts.oneLine(comparison.baseline()) + ", points" + error,
                "<verdict",
                "epochs",
                "gradient steps"));
    if (hasScoring(comparison)) {
      titles.add("for scores (images)");
    }
    if (hasDoubleBackwards(comparison)) {
      titles.add("double backwards");
    }
    titles.add("seconds");
    return titles;
  }

  static boolean hasScoring(Comparison comparison) {
    return comparison.rows().stream().anyMatch(row -> row.scoringSteps() > 0);
  }

  private static boolean hasDoubleBackwards(Comparison comparison) {
    return comparison.rows().stream().anyMatch(row -> row.doubleBackwards() > 0);
  }

  static List<String> cells(
      Comparison comparison, Row row, String beforeSpread, String afterSpread) {
    boolean baseline = row.method().equals(comparison.baseline());
    Difference difference = row.difference();
    List<String> cells =
        new ArrayList<>(
            List.of(
                row.sparsity(),
                row.method(),
                Texts.count(row.seeds().size()),
                row.prompted() ? "yes" : "no",
                spread(row.accuracy(), beforeSpread, afterSpread),
                spread(row.plain(), beforeSpread, afterSpread),
                spread(row.before(), beforeSpread, afterSpread),
                difference == null
                    ? "-"
                    : Texts.points(difference.mean())
                        + (difference.pairs() < 2
                            ? ""
                            : beforeSpread
                                + Texts.percent(difference.standardError())
                                + afterSpread),
                baseline
                    ? "baseline"
                    : comparison.beside(row, comparison.baseline()) == null
                        ? "-"
                        : verdict(difference),
                row.epochs() == null ? "-" : Texts.count(row.epochs()),
                Texts.count(row.gradientSteps())));
    if (hasScoring(comparison)) {
      cells.add(
          row.scoringSteps() == 0
              ? "0"
              : Texts.count(row.scoringSteps()) + " (" + Texts.count(row.scoringImages()) + ")");
    }
    if (hasDoubleBackwards(comparison)) {
      cells.add(Texts.count(row.doubleBackwards()));
    }
    cells.add(Texts.seconds(row.seconds()));
    return cells;
  }

  static String spread(@Nullable Spread spread, String before, String after) {
    if (spread == null) {
      return "-";
    }
    return Texts.percent(spread.mean())
        + (spread.runs() < 2 ? "" : before + Texts.percent(spread.deviation()) + after);
  }

  static String verdict(@Nullable Difference difference) {
    if (difference == null) {
      return "no common seed";
    }
    return switch (difference.verdict()) {
      case BEYOND_NOISE -> "beyond noise";
      case WITHIN_NOISE -> "within noise";
      case UNKNOWN -> difference.pairs() < 2 ? "one seed" : "no spread";
    };
  }
}
