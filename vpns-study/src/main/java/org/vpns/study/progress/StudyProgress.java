package org.vpns.study.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.run.Failures;
import org.vpns.internal.text.Texts;
import org.vpns.study.StudyListener;
import org.vpns.train.RunListener;

/**
 * A line for each run of a study that has ended. On a terminal one bar over all runs stands below
 * them, with the time that is left; elsewhere that time stands in the lines, and a run of minutes
 * has a line for each.
 */
final class StudyProgress implements StudyListener {
  private static final int UPDATE_MILLIS = 250;
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private @Nullable BarLine line;
  private @Nullable ProgressBar bar;
  private final Map<String, Running> running = new LinkedHashMap<>();
  private volatile String task = "";
  private volatile int number;
  private int runs;
  private int ended;
  private long begin;
  private long lastLine;
  private long steps;
  private long stepsOfEnded;
  private long madeOfEnded;
  private volatile long done;
  private volatile long made;
  private volatile @Nullable Long end;

  StudyProgress(PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
  }

  @Override
  public void timeGiven(Duration left) {
    end = nanoTime.getAsLong() + left.toNanos();
  }

  @Override
  public void studyStarted(int allRuns, int kept, long stepsLeft) {
    runs = allRuns;
    number = kept;
    ended = kept;
    steps = stepsLeft;
    stepsOfEnded = 0;
    madeOfEnded = 0;
    running.clear();
    done = 0;
    made = 0;
    begin = nanoTime.getAsLong();
    lastLine = begin;
    if (kept > 0) {
      say(kept + " of " + Texts.plural(runs, "run") + " kept from before");
    }
    if (terminal && kept < runs) {
      line = new BarLine(out, 0, this::text);
      bar =
          new ProgressBarBuilder()
              .setInitialMax(steps)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .continuousUpdate()
              .setRenderer(BarLine::render)
              .setConsumer(line)
              .build();
    }
  }

  /** A run that is under way. */
  private static final class Running {
    final String label;
    final long steps;
    long done;

    /** Steps that it goes on from; null until it makes one. */
    private @Nullable Long before;

    Running(String label, long steps) {
      this.label = label;
      this.steps = steps;
    }

    void stepFinished(RunListener.Step step) {
      if (before == null) {
        before = steps * (step.done() - 1) / step.iterations();
      }
      done = steps * step.done() / step.iterations();
    }

    /** Those of a checkpoint, or of a stage that another run has made, took no time here. */
    long made() {
      return Math.max(0, done - (before == null ? 0 : before));
    }
  }

  @Override
  public RunListener runStarted(String run, long gradientSteps) {
    number++;
    task = Texts.oneLine(number + "/" + runs + " " + run);
    Running started = new Running(task, gradientSteps);
    running.put(run, started);
    return new RunListener() {
      @Override
      public void stepFinished(Step step) {
        started.stepFinished(step);
        reached(started.label);
      }
    };
  }

  private void count() {
    done = Math.min(steps, stepsOfEnded + running.values().stream().mapToLong(r -> r.done).sum());
    made = madeOfEnded + running.values().stream().mapToLong(Running::made).sum();
  }

  private void reached(String label) {
    count();
    long now = nanoTime.getAsLong();
    if (bar != null) {
      bar.stepTo(done);
    } else if (now - lastLine >= MINUTE) {
      say(label + ": " + (steps > 0 ? 100 * done / steps : 0) + " % of all, " + left());
    }
  }

  @Override
  public void runFinished(String run, String text) {
    Running before = running.get(run);
    if (before != null) {
      before.done = before.steps; // not every listener hears of each
    }
    ended(run, text);
  }

  @Override
  public void runFailed(String run, Throwable cause) {
    ended(run, Texts.oneLine(run + " failed: " + Failures.inWords(cause)));
  }

  private void ended(String run, String text) {
    Running before = running.remove(run);
    if (before != null) {
      stepsOfEnded += before.steps;
      madeOfEnded += before.made();
    }
    ended++;
    count();
    String counted = String.format(Locale.ROOT, "%2d/%d ", ended, runs) + text;
    say(bar != null || ended == runs ? counted : counted + "; " + left());
  }

  private void say(String text) {
    lastLine = nanoTime.getAsLong();
    if (bar != null && line != null) {
      line.above(text);
      bar.refresh();
    } else {
      out.println(text);
      out.flush();
    }
  }

  private String text(int columns) {
    return BarText.of(columns, List.of(task, number + "/" + runs), done, steps, List.of(left()));
  }

  /** By the steps made so far, at most until the time is up. */
  private String left() {
    long now = nanoTime.getAsLong();
    Long limit = end;
    double given = limit == null ? Double.POSITIVE_INFINITY : Math.max(0, (limit - now) / 1e9);
    if (made <= 0) {
      return limit == null ? "? left" : Standing.clock(given) + " left";
    }
    double estimated = (now - begin) / 1e9 / made * (steps - done);
    return Standing.clock(Math.min(given, estimated)) + " left";
  }

  @Override
  public void studyEnded() {
    if (bar != null && line != null) {
      bar.close();
      // A bar that is closed before its first drawing never closes its consumer.
      line.close();
      bar = null;
    }
    end = null;
  }
}
