package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.compare.AccuracyMatrix;
import org.vpns.internal.compare.Markdown;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Comparison.Spread;

/** A comparison as text: for a console, in Markdown, and as comma-separated values. */
final class ComparisonText {
  /** Where the difference stands in a row; the error of the test images comes after it. */
  private static final int ERROR_COLUMN = 7;

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
    if (hasImageError(comparison)) {
      titles.add(ERROR_COLUMN + 1, "test images" + error);
    }
    if (hasScoring(comparison)) {
      titles.add("for scores (images)");
    }
    if (hasDoubleBackwards(comparison)) {
      titles.add("double backwards");
    }
    titles.add("seconds");
    if (hasDense(comparison)) {
      titles.add("dense %" + deviation);
    }
    if (hasMultiplyAdds(comparison)) {
      titles.add("multiply-adds, % of dense");
    }
    return titles;
  }

  static boolean hasScoring(Comparison comparison) {
    return comparison.rows().stream().anyMatch(row -> row.scoringSteps() > 0);
  }

  private static boolean hasImageError(Comparison comparison) {
    return comparison.rows().stream()
        .map(Row::difference)
        .anyMatch(difference -> difference != null && !Double.isNaN(difference.imageError()));
  }

  private static boolean hasDense(Comparison comparison) {
    return comparison.rows().stream().anyMatch(row -> row.dense() != null);
  }

  private static boolean hasMultiplyAdds(Comparison comparison) {
    return comparison.rows().stream().anyMatch(row -> row.keptMacs() != null);
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
                        + (Double.isNaN(difference.standardError())
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
    if (hasImageError(comparison)) {
      cells.add(
          ERROR_COLUMN + 1,
          difference == null || Double.isNaN(difference.imageError())
              ? "-"
              : Texts.percent(difference.imageError()));
    }
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
    if (hasDense(comparison)) {
      cells.add(spread(row.dense(), beforeSpread, afterSpread));
    }
    if (hasMultiplyAdds(comparison)) {
      Double macs = row.macs();
      Double kept = row.keptMacs();
      cells.add(macs == null || kept == null || macs == 0 ? "-" : Texts.percent(kept / macs));
    }
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
      case UNKNOWN ->
          difference.pairs() < 2
              ? "one seed"
              : Double.isNaN(difference.standardError()) ? "error unknown" : "no spread";
    };
  }

  /** A row for each method and a column for each sparsity, in Markdown. */
  static String matrix(Comparison comparison) {
    AccuracyMatrix matrix = new AccuracyMatrix();
    for (Row row : comparison.rows()) {
      Difference difference = row.difference();
      matrix.add(
          row.sparsity(),
          row.method(),
          new AccuracyMatrix.Cell(
              spread(row.accuracy(), " ± ", ""),
              difference == null ? Double.NaN : difference.mean(),
              difference == null ? Double.NaN : difference.probability(),
              row.epochs() == null ? Double.NaN : row.epochs(),
              row.gradientSteps(),
              row.seconds()));
    }
    return matrix.toMarkdown() + "\n" + Markdown.escape(legend(comparison)) + "\n";
  }

  private static String legend(Comparison comparison) {
    return "Accuracy in percent ± deviation over seeds, with the prompt where the method learns"
        + " one; (+) above and (-) below "
        + comparison.baseline()
        + " beyond noise, after Holm's correction for all comparisons of the table. Costs are means over seeds, from the lowest to the highest of the"
        + " sparsities.";
  }

  /** Comma-separated values, quoted as in RFC 4180; lines end with LF. */
  static String csv(Comparison comparison) {
    StringBuilder text =
        new StringBuilder(
            "sparsity,method,runs,accuracy,accuracy_deviation,plain,plain_deviation,"
                + "difference,difference_error,pairs,epochs,gradient_steps,scoring_steps,"
                + "double_backwards,seconds,image_error,probability,"
                + "dense_accuracy,macs,kept_macs\n");
    for (Row row : comparison.rows()) {
      Difference difference = row.difference();
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%d,%.6f,%s,%.6f,%s,%s,%s,%d,%s,%.1f,%.1f,%.1f,%.2f,%s,%s,%s,%s,%s\n",
              row.sparsity(),
              quoted(row.method()),
              row.seeds().size(),
              row.accuracy().mean(),
              number(row.accuracy().deviation()),
              row.plain().mean(),
              number(row.plain().deviation()),
              number(difference == null ? null : difference.mean()),
              number(difference == null ? null : difference.standardError()),
              difference == null ? 0 : difference.pairs(),
              number(row.epochs()),
              row.gradientSteps(),
              row.scoringSteps(),
              row.doubleBackwards(),
              row.seconds(),
              number(difference == null ? null : difference.imageError()),
              number(difference == null ? null : difference.probability()),
              number(row.dense() == null ? null : row.dense().mean()),
              count(row.macs()),
              count(row.keptMacs())));
    }
    return text.toString();
  }

  /**
   * Names of methods may hold commas. One that a spreadsheet would take for a formula gets an
   * apostrophe in front, which makes it text there.
   */
  private static String quoted(String name) {
    String line = Texts.oneLine(name);
    String field = line.matches("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20].*") ? "'" + line : line;
    return field.matches("[^,\"\\r\\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }

  /** Empty where there is none. */
  private static String count(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.0f", value);
  }

  /** Empty where there is no number. */
  private static String number(@Nullable Double value) {
    return value == null || value.isNaN() ? "" : String.format(Locale.ROOT, "%.6f", value);
  }
}
