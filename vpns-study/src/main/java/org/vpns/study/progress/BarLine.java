package org.vpns.study.progress;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/**
 * The line of a bar: never mixed with a line above it, gone at the end. The timer may still be
 * drawing while the bar is closed; what it draws then is dropped.
 */
final class BarLine extends ConsoleProgressBarConsumer {
  /** Back to the first column, and clear the line. */
  private static final String CLEAR_LINE = "\r\u001b[2K";

  /** What native libraries write between two drawings begins here, and not behind the bar. */
  private static final String FIRST_COLUMN = "\r";

  private final PrintStream stream;
  private final int width;
  private boolean closed;

  /** A line of so many columns; 0 = those of the terminal. */
  BarLine(PrintStream stream, int width) {
    super(stream);
    this.stream = stream;
    this.width = width;
  }

  @Override
  public int getMaxRenderedLength() {
    return width > 0 ? width : super.getMaxRenderedLength();
  }

  /** Writes a line in the bar's place; the bar is drawn again below it. */
  synchronized void above(String line) {
    stream.print(CLEAR_LINE);
    stream.println(line);
    stream.flush();
  }

  @Override
  public synchronized void accept(String line) {
    if (!closed) {
      stream.print(CLEAR_LINE + line + FIRST_COLUMN);
      stream.flush();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      stream.print(CLEAR_LINE);
      stream.flush();
    }
  }
}
