package org.vpns.study;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Comparison.Spread;
import org.vpns.study.Difference.Verdict;

/** A comparison as text: for a console, in Markdown, and as comma-separated values. */
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

  /** A row for each method and a column for each sparsity, in Markdown. */
  static String matrix(Comparison comparison) {
    Map<BigDecimal, String> sparsities = new LinkedHashMap<>();
    Map<String, Map<BigDecimal, Row>> methods = new LinkedHashMap<>();
    for (Row row : comparison.rows()) {
      BigDecimal sparsity = Comparison.decimal(row.sparsity());
      sparsities.putIfAbsent(sparsity, row.sparsity());
      methods.computeIfAbsent(row.method(), name -> new LinkedHashMap<>()).put(sparsity, row);
    }
    List<String> header = new ArrayList<>(List.of("<method"));
    header.addAll(sparsities.values());
    header.addAll(List.of("epochs", "gradient steps", "seconds"));
    List<List<String>> lines = new ArrayList<>();
    methods.forEach(
        (method, rows) -> {
          List<String> line = new ArrayList<>(List.of(method));
          for (BigDecimal sparsity : sparsities.keySet()) {
            Row row = rows.get(sparsity);
            line.add(row == null ? "-" : accuracy(row));
          }
          line.add(range(rows, row -> row.epochs() == null ? Double.NaN : row.epochs()));
          line.add(range(rows, Row::gradientSteps));
          line.add(range(rows, Row::seconds, Texts::seconds));
          lines.add(line);
        });
    return Markdown.table(header, lines) + "\n" + Markdown.escape(legend(comparison)) + "\n";
  }

  private static String accuracy(Row row) {
    Difference difference = row.difference();
    String sign = "";
    if (difference != null && difference.verdict() == Verdict.BEYOND_NOISE) {
      sign = difference.mean() > 0 ? " (+)" : " (-)";
    }
    return spread(row.accuracy(), " ± ", "") + sign;
  }

  private static String legend(Comparison comparison) {
    return "Accuracy in percent ± deviation over seeds, with the prompt where the method learns"
        + " one; (+) above and (-) below "
        + comparison.baseline()
        + " beyond noise. Costs are means over seeds, from the lowest to the highest of the"
        + " sparsities.";
  }

  private static String range(Map<BigDecimal, Row> rows, ToDoubleFunction<Row> value) {
    return range(rows, value, Texts::count);
  }

  private static String range(
      Map<BigDecimal, Row> rows, ToDoubleFunction<Row> value, DoubleFunction<String> text) {
    double[] values = rows.values().stream().mapToDouble(value).sorted().toArray();
    // NaN comes last
    if (Double.isNaN(values[values.length - 1])) {
      return "-";
    }
    String lowest = text.apply(values[0]);
    String highest = text.apply(values[values.length - 1]);
    return lowest.equals(highest) ? lowest : lowest + " to " + highest;
  }

  /** Comma-separated values, quoted as in RFC 4180; lines end with LF. */
  static String csv(Comparison comparison) {
    StringBuilder text =
        new StringBuilder(
            "sparsity,method,runs,accuracy,accuracy_deviation,plain,plain_deviation,"
                + "difference,difference_error,pairs,epochs,gradient_steps,scoring_steps,"
                + "double_backwards,seconds\n");
    for (Row row : comparison.rows()) {
      Difference difference = row.difference();
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%d,%.6f,%s,%.6f,%s,%s,%s,%d,%s,%.1f,%.1f,%.1f,%.2f\n",
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
              row.seconds()));
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

  /** Empty where there is no number. */
  private static String number(@Nullable Double value) {
    return value == null || value.isNaN() ? "" : String.format(Locale.ROOT, "%.6f", value);
  }
}
