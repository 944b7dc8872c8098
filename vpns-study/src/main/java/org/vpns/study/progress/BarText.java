package org.vpns.study.progress;

import java.util.List;
import java.util.Locale;

/** The text of a bar in as many columns as there are. */
final class BarText {
  private static final int MIN_BAR = 7;
  private static final int MAX_BAR = 42;

  private BarText() {}

  /**
   * A head, percent, the bar, figures. The first head with which all of them fit; else the last
   * one, with as many figures as fit; then without the bar; at last the head is cut.
   *
   * @param heads longest first
   * @param figures most wanted first
   */
  static String of(int columns, List<String> heads, long done, long max, List<String> figures) {
    String percent = String.format(Locale.ROOT, " %3d%%", max > 0 ? 100 * done / max : 0);
    String brief = heads.get(heads.size() - 1);
    String all = tail(figures);
    for (String head : heads) {
      int room = columns - head.length() - percent.length() - all.length() - 1;
      if (room >= MIN_BAR) {
        return head + percent + " " + bar(Math.min(room, MAX_BAR), done, max) + all;
      }
    }
    for (int shown = figures.size() - 1; shown >= 0; shown--) {
      String tail = tail(figures.subList(0, shown));
      int room = columns - brief.length() - percent.length() - tail.length() - 1;
      if (room >= MIN_BAR) {
        return brief + percent + " " + bar(Math.min(room, MAX_BAR), done, max) + tail;
      }
    }
    String end = percent.substring(Math.max(percent.length() - columns, 0));
    return brief.substring(0, Math.min(brief.length(), columns - end.length())) + end;
  }

  private static String bar(int columns, long done, long max) {
    int cells = columns - 2;
    int full = max > 0 ? (int) (done * cells / max) : 0;
    String bar = "=".repeat(full) + (full < cells ? ">" : "");
    return "[" + bar + " ".repeat(cells - bar.length()) + "]";
  }

  private static String tail(List<String> figures) {
    return figures.isEmpty() ? "" : " " + String.join(" ", figures);
  }
}
