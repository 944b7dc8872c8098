package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Comparison.Spread;

/**
 * A column of the table of a comparison.
 *
 * @param title what stands above it; one that begins with {@code <} stands left, as its cells do
 * @param kind what it tells
 * @param text of a row; {@code -} where there is nothing to tell
 */
record ComparisonColumn(String title, Kind kind, Function<Row, String> text) {
  /** Whether title and cells stand left. */
  boolean isLeft() {
    return title.startsWith("<");
  }

  /** The title's words. */
  String words() {
    return isLeft() ? title.substring(1) : title;
  }

  /** What columns tell. */
  enum Kind {
    /** Which row it is. */
    NAME,
    /** Of how many runs it is, and of which sort. */
    RUNS,
    ACCURACY,
    /** Difference to the baseline. */
    DIFFERENCE,
    COST
  }

  /** Signs about a deviation or an error behind its mean. */
  record Signs(String titleBefore, String titleAfter, String before, String after) {
    static final Signs PLUS_MINUS = new Signs(" ± ", "", " ± ", "");
    static final Signs BRACKETS = new Signs(" (", ")", " (", ")");

    private String title(String what) {
      return titleBefore + what + titleAfter;
    }

    private String around(double value) {
      return before + Texts.percent(value) + after;
    }

    /** A mean with its deviation, if there is one. */
    String spread(@Nullable Spread spread) {
      if (spread == null) {
        return "-";
      }
      return Texts.percent(spread.mean()) + (spread.runs() < 2 ? "" : around(spread.deviation()));
    }

    private String points(@Nullable Difference difference) {
      if (difference == null) {
        return "-";
      }
      double error = difference.standardError();
      return Texts.points(difference.mean()) + (Double.isNaN(error) ? "" : around(error));
    }
  }

  /** Those that have something to tell of a row, in the order of tables. */
  static List<ComparisonColumn> of(Comparison comparison, Signs signs) {
    List<Row> rows = comparison.rows();
    String deviation = signs.title("sd");
    String error = signs.title("se");
    String baseline = Texts.oneLine(comparison.baseline());
    Columns columns = new Columns();
    columns.add(Kind.NAME, "<sparsity", Row::sparsity);
    columns.add(Kind.NAME, "<method", Row::method);
    columns.add(Kind.RUNS, "runs", row -> Texts.count(row.seeds().size()));
    columns.add(Kind.RUNS, "<prompt", row -> row.prompted() ? "yes" : "no");
    columns.add(Kind.ACCURACY, "accuracy %" + deviation, row -> signs.spread(row.accuracy()));
    columns.add(Kind.ACCURACY, "plain %" + deviation, row -> signs.spread(row.plain()));
    columns.add(Kind.ACCURACY, "before tuning %" + deviation, row -> signs.spread(row.before()));
    columns.add(
        Kind.DIFFERENCE,
        "vs " + baseline + ", points" + error,
        row -> signs.points(row.difference()));
    if (rows.stream().anyMatch(row -> imageError(row) != null)) {
      columns.add(Kind.DIFFERENCE, "test images" + error, row -> percent(imageError(row)));
    }
    columns.add(Kind.DIFFERENCE, "<verdict", row -> verdict(comparison, row));
    columns.add(Kind.COST, "epochs", row -> row.epochs() == null ? "-" : Texts.count(row.epochs()));
    columns.add(Kind.COST, "gradient steps", row -> Texts.count(row.gradientSteps()));
    if (rows.stream().anyMatch(row -> row.scoringSteps() > 0)) {
      columns.add(Kind.COST, "for scores (images)", ComparisonColumn::scoring);
    }
    if (rows.stream().anyMatch(row -> row.doubleBackwards() > 0)) {
      columns.add(Kind.COST, "double backwards", row -> Texts.count(row.doubleBackwards()));
    }
    columns.add(Kind.COST, "seconds", row -> Texts.seconds(row.seconds()));
    if (rows.stream().anyMatch(row -> row.dense() != null)) {
      columns.add(Kind.ACCURACY, "dense %" + deviation, row -> signs.spread(row.dense()));
    }
    if (rows.stream().anyMatch(row -> row.keptMacs() != null)) {
      columns.add(Kind.COST, "multiply-adds, % of dense", row -> percent(keptShare(row)));
    }
    return columns.list;
  }

  private static final class Columns {
    final List<ComparisonColumn> list = new ArrayList<>();

    void add(Kind kind, String title, Function<Row, String> text) {
      list.add(new ComparisonColumn(title, kind, text));
    }
  }

  private static @Nullable Double imageError(Row row) {
    Difference difference = row.difference();
    return difference == null || Double.isNaN(difference.imageError())
        ? null
        : difference.imageError();
  }

  private static @Nullable Double keptShare(Row row) {
    Double macs = row.macs();
    Double kept = row.keptMacs();
    return macs == null || kept == null || macs == 0 ? null : (Double) (kept / macs);
  }

  private static String percent(@Nullable Double fraction) {
    return fraction == null ? "-" : Texts.percent(fraction);
  }

  private static String scoring(Row row) {
    return row.scoringSteps() == 0
        ? "0"
        : Texts.count(row.scoringSteps()) + " (" + Texts.count(row.scoringImages()) + ")";
  }

  private static String verdict(Comparison comparison, Row row) {
    if (row.method().equals(comparison.baseline())) {
      return "baseline";
    }
    return comparison.beside(row, comparison.baseline()) == null
        ? "-"
        : ComparisonText.verdict(row.difference());
  }
}
