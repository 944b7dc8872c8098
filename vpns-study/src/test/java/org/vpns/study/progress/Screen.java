package org.vpns.study.progress;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a terminal shows of what is written to it: carriage returns, new lines, cleared lines, and a
 * cursor that moves right, at most to the last column. Behind that one stands a cursor only once
 * something was written there, and what comes next goes to a new row.
 */
final class Screen extends ByteArrayOutputStream {
  private static final String CLEAR = "\u001b[2K";
  private static final Pattern RIGHT = Pattern.compile("\u001b\\[(\\d+)C");

  private final int columns;

  Screen(int columns) {
    this.columns = columns;
  }

  /** As a native library does: past Java, in the midst of what is there. */
  synchronized void writeNative(String line) {
    writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The rows, without blanks at their ends; the last is where the cursor is. */
  synchronized List<String> rows() {
    List<String> rows = new ArrayList<>();
    char[] row = blank();
    int column = 0;
    String written = toString(StandardCharsets.UTF_8);
    Matcher right = RIGHT.matcher(written);
    for (int i = 0; i < written.length(); i++) {
      char c = written.charAt(i);
      if (written.startsWith(CLEAR, i)) {
        row = blank();
        i += CLEAR.length() - 1;
      } else if (right.region(i, written.length()).lookingAt()) {
        column = Math.min(column + Integer.parseInt(right.group(1)), columns - 1);
        i = right.end() - 1;
      } else if (c == '\r') {
        column = 0;
      } else if (c == '\n') {
        rows.add(new String(row).stripTrailing());
        row = blank();
        column = 0;
      } else {
        if (column == columns) { // wraps
          rows.add(new String(row).stripTrailing());
          row = blank();
          column = 0;
        }
        row[column++] = c;
      }
    }
    rows.add(new String(row).stripTrailing());
    return rows;
  }

  private char[] blank() {
    char[] row = new char[columns];
    Arrays.fill(row, ' ');
    return row;
  }
}
