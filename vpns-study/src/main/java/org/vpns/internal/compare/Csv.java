package org.vpns.internal.compare;

import org.vpns.internal.text.Texts;

/** Cells of comma-separated values, quoted as in RFC 4180. */
public final class Csv {
  private Csv() {}

  /**
   * A text as a cell. One that a spreadsheet would take for a formula gets an apostrophe in front,
   * which makes it text there.
   */
  public static String text(String text) {
    String line = Texts.oneLine(text);
    String field = line.matches("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20].*") ? "'" + line : line;
    return field.matches("[^,\"\\r\\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
