package org.vpns.internal.compare;

import java.util.List;
import org.vpns.internal.text.Texts;

/** Tables and text in GitHub's Markdown. */
public final class Markdown {
  private Markdown() {}

  /**
   * A table.
   *
   * @param header one title per column; columns whose title begins with {@code <} are set left
   * @param rows cells
   */
  public static String table(List<String> header, List<List<String>> rows) {
    StringBuilder text = new StringBuilder("|");
    StringBuilder rule = new StringBuilder("|");
    for (String title : header) {
      boolean left = title.startsWith("<");
      text.append(' ').append(escape(left ? title.substring(1) : title)).append(" |");
      rule.append(left ? "---|" : "---:|");
    }
    text.append('\n').append(rule).append('\n');
    for (List<String> row : rows) {
      text.append('|');
      row.forEach(cell -> text.append(' ').append(escape(cell)).append(" |"));
      text.append('\n');
    }
    return text.toString();
  }

  /** One line that is shown as it is. */
  public static String escape(String text) {
    return Texts.oneLine(text)
        .replaceAll("([\\\\`*_\\[\\]|#~])", "\\\\$1")
        .replace("&", "&amp;")
        .replace("<", "&lt;");
  }
}
