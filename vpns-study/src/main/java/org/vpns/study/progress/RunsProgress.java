package org.vpns.study.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;

/**
 * One bar over many runs, with the time that is left, and a line for each finished run above it.
 * Where the output is no terminal there are only the lines.
 */
public final class RunsProgress implements RunListener, AutoCloseable {
  private static final int UPDATE_MILLIS = 250;

  private final PrintStream out;
  private final int runs;
  private final @Nullable BarLine line;
  private final @Nullable ProgressBar bar;
  private volatile String task = "";
  private int number;
  private long stepsBefore;
  private long stepsOfRun;

  /**
   * Begins, with a bar if the program has a terminal.
   *
   * @param out where to write
   * @param runs number of runs
   * @param steps gradient steps of all runs
   */
  public static RunsProgress of(PrintStream out, int runs, long steps) {
    Problem.given(out, "RunsProgress.of", "out");
    return new RunsProgress(out, Terminal.isAttached(), runs, steps);
  }

  RunsProgress(PrintStream out, boolean terminal, int runs, long steps) {
    this.out = out;
    this.runs = runs;
    line = terminal ? new BarLine(out, 0) : null;
    bar =
        line != null
            ? new ProgressBarBuilder()
                .setInitialMax(steps)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .continuousUpdate()
                .setRenderer(this::render)
                .setConsumer(line)
                .build()
            : null;
  }

  /** The next run is one of this recipe, which takes so many gradient steps. */
  public void next(Recipe recipe, long gradientSteps) {
    Problem.given(recipe, "RunsProgress.next", "recipe");
    stepsBefore += stepsOfRun;
    stepsOfRun = gradientSteps;
    number++;
    task = Texts.oneLine(number + "/" + runs + " " + recipe + " seed " + recipe.seed());
  }

  @Override
  public void stepFinished(Step step) {
    if (bar != null) {
      bar.stepTo(stepsBefore + stepsOfRun * step.done() / step.iterations());
    }
  }

  @Override
  public void runFinished(PruneReport report) {
    String text = String.format(Locale.ROOT, "%2d/%d ", number, runs) + report.line();
    if (bar != null && line != null) {
      line.above(text);
      bar.refresh();
    } else {
      out.println(text);
      out.flush();
    }
  }

  private String render(ProgressState state, int columns) {
    long max = state.getMax();
    long current = Math.min(state.getCurrent(), max);
    String left = left(state.getElapsedAfterStart(), current, max);
    String brief = number + "/" + runs;
    return BarText.of(columns, List.of(task, brief), current, max, List.of(left));
  }

  private static String left(Duration elapsed, long current, long max) {
    return current <= 0
        ? "? left"
        : Standing.clock(elapsed.toMillis() / 1000.0 / current * (max - current)) + " left";
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
