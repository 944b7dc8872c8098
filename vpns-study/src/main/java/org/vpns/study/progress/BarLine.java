package org.vpns.study.progress;

import java.io.PrintStream;
import java.util.function.IntFunction;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressState;

/**
 * The line of a bar: never mixed with a line above it, gone at the end. The timer draws as well, so
 * what is drawn is made only then, not by the bar's renderer, whose text may be older than the line
 * that is there; and what the timer draws while the bar is closed is dropped.
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
  private final IntFunction<String> text;
  private boolean closed;

  /**
   * A line.
   *
   * @param width columns; 0 = those of the terminal
   * @param text as it stands now, in so many columns
   */
  BarLine(PrintStream stream, int width, IntFunction<String> text) {
    super(stream);
    this.stream = stream;
    this.width = width;
    this.text = text;
  }

  /** For the bar: this line makes its text itself. */
  static String render(ProgressState state, int columns) {
    return "";
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
  public synchronized void accept(String rendered) {
    if (!closed) {
      String line = text.apply(getMaxRenderedLength());
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
