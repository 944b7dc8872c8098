package org.vpns.examples;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;
import org.vpns.examples.QuickStartArms.Arm;
import org.vpns.report.PruneReport;
import org.vpns.train.RunListener;

/**
 * One bar over many runs, with the time that is left, and a line for each finished run above it.
 * Where the output is no terminal there are only the lines.
 */
final class QuickStartProgress implements RunListener, AutoCloseable {
  private static final int UPDATE_MILLIS = 250;
  private static final int MOST_CELLS = 40;

  /** Back to the first column, and clear the line. */
  private static final String CLEAR_LINE = "\r\u001b[2K";

  private final PrintStream out;
  private final int runs;
  private final @Nullable ProgressBar bar;
  private volatile String task = "";
  private int number;
  private long stepsBefore;
  private long stepsOfRun;

  /**
   * Begins.
   *
   * @param runs number of runs
   * @param steps gradient steps of all runs
   */
  QuickStartProgress(PrintStream out, boolean terminal, int runs, long steps) {
    this.out = out;
    this.runs = runs;
    bar =
        terminal
            ? new ProgressBarBuilder()
                .setInitialMax(steps)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setRenderer(this::render)
                .setConsumer(new Line(out))
                .build()
            : null;
  }

  /** The next run is this one. */
  void next(Arm arm) {
    stepsBefore += stepsOfRun;
    stepsOfRun = arm.gradientSteps();
    number++;
    task = number + "/" + runs + " " + arm.recipe() + " seed " + arm.recipe().seed();
  }

  @Override
  public void stepFinished(Step step) {
    if (bar != null) {
      bar.stepTo(stepsBefore + stepsOfRun * step.done() / step.iterations());
    }
  }

  @Override
  public void runFinished(PruneReport report) {
    // One call: the bar's own thread prints in single calls as well, so lines do not mix.
    out.print(
        (bar == null ? "" : CLEAR_LINE)
            + String.format(Locale.ROOT, "%2d/%d ", number, runs)
            + report.line()
            + System.lineSeparator());
    out.flush();
    if (bar != null) {
      bar.refresh();
    }
  }

  private String render(ProgressState state, int columns) {
    long max = Math.max(state.getMax(), 1);
    long current = Math.min(state.getCurrent(), max);
    String head = String.format(Locale.ROOT, "%s %3d%% [", task, 100 * current / max);
    String tail = "] " + left(state.getElapsedAfterStart(), current, max);
    int cells = Math.min(columns - head.length() - tail.length(), MOST_CELLS);
    if (cells < 1) {
      return (head + tail).substring(0, Math.min(columns, head.length() + tail.length()));
    }
    int done = (int) (current * cells / max);
    return head + "=".repeat(done) + " ".repeat(cells - done) + tail;
  }

  private static String left(Duration elapsed, long current, long max) {
    if (current <= 0) {
      return "? left";
    }
    long seconds = Math.round(elapsed.toMillis() / 1000.0 / current * (max - current));
    return String.format(Locale.ROOT, "%d:%02d left", seconds / 60, seconds % 60);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /** The line of the bar; gone at the end. */
  private static final class Line extends ConsoleProgressBarConsumer {
    private final PrintStream stream;
    private boolean closed;

    Line(PrintStream stream) {
      super(stream);
      this.stream = stream;
    }

    @Override
    public synchronized void accept(String line) {
      if (!closed) {
        stream.print(CLEAR_LINE + line);
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
}
