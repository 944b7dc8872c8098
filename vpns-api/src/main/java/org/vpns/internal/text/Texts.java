package org.vpns.internal.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** Numbers and tables in words, equal in every locale. */
public final class Texts {
  private Texts() {}

  /**
   * What a part of another author says of itself, which must not be null.
   *
   * @param contract the type whose {@code describe} was asked
   */
  public static String own(@Nullable String words, Object part, String contract) {
    return Problem.given(words, part.getClass().getName(), "what " + contract + ".describe gives");
  }

  /** With separators: {@code 11,678,912}. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A mean of counts: whole where it is whole, else one decimal. */
  public static String count(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%,.1f", value);
  }

  /** Seconds with one decimal, without the unit: {@code 1,037.3}. */
  public static String seconds(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  /** A fraction in percent, without the sign: {@code 74.31}. */
  public static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f", 100 * fraction);
  }

  /** A density in percent with three decimals, without the sign: {@code 1.000}. */
  public static String density(double fraction) {
    return String.format(Locale.ROOT, "%.3f", 100 * fraction);
  }

  /** A difference of fractions in percentage points, with its sign: {@code +2.10}. */
  public static String points(double difference) {
    return String.format(Locale.ROOT, "%+.2f", 100 * difference);
  }

  /** {@code 12.3 s}, {@code 12 min 05 s}, {@code 1 h 02 min}. */
  public static String duration(double seconds) {
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
  public static String plural(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /**
   * A table for a console, plain ASCII lines.
   *
   * @param header one title per column; columns whose title begins with {@code <} are set left
   * @param rows cells
   */
  public static String table(List<String> header, List<List<String>> rows) {
    return table(header, rows, " |", "+");
  }

  /**
   * The same as tables below each other, none wider than asked for where its columns allow it.
   *
   * @param header one title per column
   * @param rows cells
   * @param names first columns, with which each table begins
   * @param width characters of a line
   */
  public static String tables(List<String> header, List<List<String>> rows, int names, int width) {
    int[] widths = widths(lines(header, rows));
    int begin = IntStream.range(0, names).map(i -> widths[i] + 3).sum();
    List<String> tables = new ArrayList<>();
    for (int from = names; from < header.size() || tables.isEmpty(); ) {
      int to = from;
      for (int used = begin; to < header.size(); to++) {
        used += widths[to] + 3;
        if (to > from && used - 1 > width) {
          break;
        }
      }
      int[] columns =
          IntStream.concat(IntStream.range(0, names), IntStream.range(from, to)).toArray();
      tables.add(table(at(columns, header), rows.stream().map(row -> at(columns, row)).toList()));
      from = to;
    }
    return String.join("\n\n", tables);
  }

  private static List<String> at(int[] columns, List<String> cells) {
    return Arrays.stream(columns).mapToObj(cells::get).toList();
  }

  /** The same without lines between columns and under the titles. */
  public static String plainTable(List<String> header, List<List<String>> rows) {
    return table(header, rows, " ", "");
  }

  private static String table(
      List<String> header, List<List<String>> rows, String between, String crossing) {
    List<List<String>> lines = lines(header, rows);
    int[] widths = widths(lines);
    List<String> text = new ArrayList<>();
    for (List<String> line : lines) {
      StringBuilder cells = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String space = " ".repeat(widths[i] - line.get(i).length());
        boolean left = header.get(i).startsWith("<");
        cells.append(i == 0 ? " " : between + " ");
        cells.append(left ? line.get(i) + space : space + line.get(i));
      }
      text.add(cells.append(' ').toString());
      if (text.size() == 1 && !crossing.isEmpty()) {
        text.add(
            Arrays.stream(widths)
                .mapToObj(width -> "-".repeat(width + 2))
                .collect(Collectors.joining(crossing)));
      }
    }
    return String.join("\n", text);
  }

  /** Titles and rows as they are shown. */
  private static List<List<String>> lines(List<String> header, List<List<String>> rows) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        header.stream().map(title -> title.startsWith("<") ? title.substring(1) : title).toList());
    rows.forEach(row -> lines.add(row.stream().map(Texts::oneLine).toList()));
    return lines;
  }

  private static int[] widths(List<List<String>> lines) {
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    return widths;
  }

  /** The text with line breaks and other control characters as spaces, safe on a terminal. */
  public static String oneLine(String text) {
    return Problem.visible(text.replaceAll("\\p{Cntrl}+", " "));
  }
}
