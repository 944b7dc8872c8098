package org.vpns.study;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.compare.AccuracyMatrix;
import org.vpns.internal.compare.Csv;
import org.vpns.internal.compare.Markdown;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;
import org.vpns.study.ComparisonColumn.Signs;

/** A comparison as text: for a console, in Markdown, and as comma-separated values. */
final class ComparisonText {
  /** Of a terminal, in characters. */
  private static final int WIDTH = 80;

  private ComparisonText() {}

  static String console(Comparison comparison) {
    List<ComparisonColumn> columns = ComparisonColumn.of(comparison, Signs.BRACKETS);
    StringBuilder text = new StringBuilder();
    int names = (int) columns.stream().filter(c -> c.kind() == ComparisonColumn.Kind.NAME).count();
    text.append(Texts.tables(titles(columns), cells(comparison, columns), names, WIDTH))
        .append('\n');
    if (!comparison.sentences().isEmpty()) {
      text.append('\n');
    }
    comparison.sentences().forEach(s -> text.append("* ").append(Texts.oneLine(s)).append('\n'));
    text.append('\n');
    comparison.notes().forEach(n -> text.append(Texts.oneLine(n)).append('\n'));
    return text.toString();
  }

  static String markdown(Comparison comparison) {
    List<ComparisonColumn> columns = ComparisonColumn.of(comparison, Signs.PLUS_MINUS);
    StringBuilder text =
        new StringBuilder(Markdown.table(titles(columns), cells(comparison, columns)));
    if (!comparison.sentences().isEmpty()) {
      text.append('\n');
    }
    comparison.sentences().forEach(s -> text.append("- ").append(Markdown.escape(s)).append('\n'));
    text.append('\n');
    comparison.notes().forEach(n -> text.append(Markdown.escape(n)).append('\n').append('\n'));
    return text.toString().stripTrailing() + "\n";
  }

  private static List<String> titles(List<ComparisonColumn> columns) {
    return columns.stream().map(ComparisonColumn::title).toList();
  }

  private static List<List<String>> cells(Comparison comparison, List<ComparisonColumn> columns) {
    return comparison.rows().stream()
        .map(row -> columns.stream().map(column -> column.text().apply(row)).toList())
        .toList();
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
              Signs.PLUS_MINUS.spread(row.accuracy()),
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
        + " beyond noise, after Holm's correction for all comparisons of the table. Costs are means"
        + " over seeds, from the lowest to the highest of the sparsities.";
  }

  /** Comma-separated values; lines end with LF. */
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
              Csv.text(row.method()),
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

  /** Empty where there is none. */
  private static String count(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.0f", value);
  }

  /** Empty where there is no number. */
  private static String number(@Nullable Double value) {
    return value == null || value.isNaN() ? "" : String.format(Locale.ROOT, "%.6f", value);
  }

  /** Seeds in words. */
  static String seeds(List<Long> seeds) {
    return (seeds.size() == 1 ? "seed " : "seeds ")
        + String.join(", ", seeds.stream().map(String::valueOf).toList());
  }
}
