package org.vpns.study.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.train.RunListener;

/**
 * Progress of a run on a terminal: one bar, drawn again at most four times a second, warnings above
 * it, and one line in its place at the end. Where the output is no terminal only that last line is
 * printed.
 */
final class ConsoleListener implements RunListener {
  private static final int UPDATE_MILLIS = 250;
  private static final int MIN_BAR = 7;
  private static final int MAX_BAR = 42;

  /** Weight of the newest step in the mean time per image. */
  private static final double NEWEST = 0.1;

  private final PrintStream out;
  private final boolean terminal;
  private final int width;
  private final LongSupplier nanoTime;

  private @Nullable ProgressBar bar;
  private @Nullable BarLine line;
  private volatile String stage = "";
  private volatile @Nullable Step last;
  private volatile double secondsPerImage = Double.NaN;
  private long lastNanos;
  private boolean firstOfStage = true;
  private int warnings;

  /** On the standard output, with a bar if that is a terminal. */
  ConsoleListener() {
    this(System.out, Terminal.isAttached(), 0, System::nanoTime);
  }

  /**
   * As given.
   *
   * @param terminal whether to draw a bar
   * @param width columns; 0 = those of the terminal
   */
  ConsoleListener(PrintStream out, boolean terminal, int width, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.width = width;
    this.nanoTime = nanoTime;
  }

  @Override
  public void runStarted(String recipe, long iterations, long done) {
    closeBar();
    last = null;
    secondsPerImage = Double.NaN;
    firstOfStage = true;
    warnings = 0;
    stage = "";
    if (terminal) {
      BarLine own = new BarLine(out, width);
      line = own;
      bar =
          new ProgressBarBuilder()
              .setTaskName(Texts.oneLine(recipe))
              .setInitialMax(iterations)
              .startsFrom(done, Duration.ZERO)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setRenderer(this::render)
              .setConsumer(own)
              .build();
    }
  }

  @Override
  public void stageStarted(StageStart start) {
    stage =
        Texts.oneLine(start.name())
            + (start.stages() > 1 ? " " + (start.index() + 1) + "/" + start.stages() : "");
    firstOfStage = true;
  }

  @Override
  public void stepFinished(Step step) {
    long now = nanoTime.getAsLong();
    // The first step of a stage also pays for its preparation: left out of the rate.
    if (!firstOfStage && step.images() > 0) {
      double newest = (now - lastNanos) / 1e9 / step.images();
      double mean = secondsPerImage;
      secondsPerImage = Double.isNaN(mean) ? newest : mean + NEWEST * (newest - mean);
    }
    firstOfStage = false;
    lastNanos = now;
    last = step;
    if (bar != null) {
      bar.stepTo(step.done());
    }
  }

  @Override
  public void warned(String message) {
    warnings++;
    if (bar != null && line != null) {
      line.above("warning: " + Texts.oneLine(message));
      bar.refresh();
    }
  }

  @Override
  public void runFinished(PruneReport report) {
    closeBar();
    out.println(report.line());
    out.flush();
  }

  @Override
  public void runFailed(Throwable cause) {
    closeBar();
    Step reached = last;
    out.println(
        "run failed"
            + (reached == null
                ? ""
                : " after " + reached.done() + " of " + reached.iterations() + " iterations")
            + (warnings == 0 ? "" : ", " + Texts.plural(warnings, "warning"))
            + ": "
            + Texts.oneLine(cause.toString()));
    out.flush();
  }

  private void closeBar() {
    ProgressBar open = bar;
    if (open != null) {
      bar = null;
      open.close();
    }
    // A bar that is closed before its first drawing never closes its consumer.
    if (line != null) {
      line.close();
      line = null;
    }
  }

  /**
   * Name, stage, percent and bar, then the figures. A line too short for all goes without the name,
   * then without the last figures.
   */
  private String render(ProgressState state, int columns) {
    long max = state.getMax();
    long current = Math.min(state.getCurrent(), max);
    String percent = String.format(Locale.ROOT, " %3d%% ", max > 0 ? 100 * current / max : 0);
    String brief = stage.isEmpty() ? state.getTaskName() : stage;
    String full = stage.isEmpty() ? brief : state.getTaskName() + ", " + stage;
    List<String> figures = figures(state);
    String tail = tail(figures);
    boolean fits = full.length() + percent.length() + tail.length() + MIN_BAR <= columns;
    String head = (fits ? full : brief) + percent;
    while (!figures.isEmpty() && head.length() + MIN_BAR + tail.length() > columns) {
      figures = figures.subList(0, figures.size() - 1);
      tail = tail(figures);
    }
    int cells = Math.min(Math.max(columns - head.length() - tail.length(), MIN_BAR), MAX_BAR) - 2;
    int done = max > 0 ? (int) (current * cells / max) : 0;
    String bar = "=".repeat(done) + (done < cells ? ">" : "");
    String line = head + "[" + bar + " ".repeat(cells - bar.length()) + "]" + tail;
    return line.length() <= columns ? line : line.substring(0, Math.max(columns, 0));
  }

  private static String tail(List<String> figures) {
    return figures.isEmpty() ? "" : " " + String.join(" ", figures);
  }

  /** The most wanted first. */
  private List<String> figures(ProgressState state) {
    Step step = last;
    if (step == null) {
      return List.of();
    }
    double rate = 1 / secondsPerImage;
    return List.of(
        left(state),
        String.format(Locale.ROOT, "loss %.3f", step.loss()),
        String.format(Locale.ROOT, "acc %.1f%%", 100 * step.accuracy()),
        String.format(Locale.ROOT, "sparsity %.4f", step.sparsity()),
        Double.isFinite(rate) ? String.format(Locale.ROOT, "%,.0f images/s", rate) : "? images/s");
  }

  private static String left(ProgressState state) {
    long done = state.getCurrent() - state.getStart();
    if (done <= 0) {
      return "? left";
    }
    double elapsed = state.getElapsedAfterStart().toMillis() / 1000.0;
    long seconds = Math.round(elapsed / done * Math.max(state.getMax() - state.getCurrent(), 0));
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d left", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d left", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
