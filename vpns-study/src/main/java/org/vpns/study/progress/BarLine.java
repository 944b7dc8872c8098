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

  /**
   * As far right as it goes, and a blank there: what a native library writes next, of whatever
   * length, goes to a row of its own, and the bar before it stays whole.
   */
  private static final String END_OF_ROW = "\u001b[999C ";

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
      stream.print(CLEAR_LINE + line + (line.length() == width ? "" : END_OF_ROW));
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
