package org.vpns.study.progress;

import java.io.PrintStream;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.train.RunListener;

/** Progress of a run as a bar or as lines of a log, warnings, and one line at the end. */
final class ConsoleListener implements RunListener {
  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final Function<Standing, Display> displays;

  private @Nullable Standing standing;
  private @Nullable Display display;
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
    this.nanoTime = nanoTime;
    displays = terminal ? run -> new BarDisplay(out, width, run) : run -> new LogDisplay(out, run);
  }

  @Override
  public void runStarted(String recipe, long iterations, long done) {
    end();
    warnings = 0;
    Standing begun = new Standing(recipe, iterations, done, nanoTime);
    standing = begun;
    display = displays.apply(begun);
  }

  @Override
  public void workAdvanced(Work work) {
    if (standing != null) {
      standing.work(work);
    }
    advanced(false);
  }

  @Override
  public void stageStarted(StageStart stage) {
    if (standing != null) {
      standing.stage(stage);
    }
    advanced(false);
  }

  @Override
  public void stepFinished(Step step) {
    if (standing != null) {
      standing.step(step);
    }
    advanced(false);
  }

  @Override
  public void epochFinished(String stage, EpochRecord epoch) {
    advanced(true);
  }

  private void advanced(boolean epochEnded) {
    if (display != null) {
      display.advanced(epochEnded);
    }
  }

  @Override
  public void warned(String message) {
    warnings++;
    if (display != null) {
      display.say("warning: " + Texts.oneLine(message));
    }
  }

  @Override
  public void runFinished(PruneReport report) {
    end();
    out.println(report.line());
    out.flush();
  }

  @Override
  public void runFailed(Throwable cause) {
    end();
    Standing reached = standing;
    out.println(
        "run failed"
            + (reached == null || !reached.hasStepped()
                ? ""
                : " after " + reached.done() + " of " + reached.iterations() + " iterations")
            + (warnings == 0 ? "" : ", " + Texts.plural(warnings, "warning"))
            + ": "
            + Texts.oneLine(cause.toString()));
    out.flush();
  }

  private void end() {
    Display open = display;
    if (open != null) {
      display = null;
      open.end();
    }
  }
}
