package org.vpns.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.List;
import java.util.Locale;

/** Numbers and tables in words, equal in every locale. */
final class Texts {
  private Texts() {}

  /** With separators: {@code 11,678,912}. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A mean of counts: whole where it is whole, else one decimal. */
  static String count(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%,.1f", value);
  }

  /** Seconds with one decimal, without the unit: {@code 1,037.3}. */
  static String seconds(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  /** A fraction in percent, without the sign: {@code 74.31}. */
  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f", 100 * fraction);
  }

  /** A density in percent with three decimals, without the sign: {@code 1.000}. */
  static String density(double fraction) {
    return String.format(Locale.ROOT, "%.3f", 100 * fraction);
  }

  /** A difference of fractions in percentage points, with its sign: {@code +2.10}. */
  static String points(double difference) {
    return String.format(Locale.ROOT, "%+.2f", 100 * difference);
  }

  /** {@code 12.3 s}, {@code 12 min 05 s}, {@code 1 h 02 min}. */
  static String duration(double seconds) {
    if (!(seconds >= 0) || Double.isInfinite(seconds)) {
      return "?";
    }
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
    }
    long minutes = Math.round(seconds / 60);
    return String.format(Locale.ROOT, "%,d h %02d min", minutes / 60, minutes % 60);
  }

  /** {@code 1 seed}, {@code 3 seeds}. */
  static String plural(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /**
   * A table for a console, plain ASCII lines.
   *
   * @param header one title per column; columns whose title begins with {@code <} are set left
   * @param rows cells
   */
  static String table(List<String> header, List<List<String>> rows) {
    Column[] columns = new Column[header.size()];
    for (int i = 0; i < columns.length; i++) {
      boolean left = header.get(i).startsWith("<");
      HorizontalAlign align = left ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT;
      columns[i] =
          new Column()
              .header(left ? header.get(i).substring(1) : header.get(i))
              .headerAlign(align)
              .dataAlign(align)
              .maxWidth(120);
    }
    Object[][] cells = new Object[rows.size()][];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = rows.get(i).stream().map(Texts::oneLine).toArray();
    }
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS_NO_OUTSIDE_BORDER, columns, cells);
  }

  /** The text with line breaks and other control characters as spaces. */
  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
