package org.vpns.study.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.train.RunListener.StageStart;
import org.vpns.train.RunListener.Step;
import org.vpns.train.RunListener.Work;

/** Where a run stands, in words. Told by the run's thread, asked by any. */
final class Standing {
  /** Weight of the newest step in the mean time per image. */
  private static final double NEWEST = 0.1;

  private final String recipe;
  private final long iterations;
  private final long doneBefore;
  private final LongSupplier nanoTime;
  private final long begin;

  private volatile String stage = "";
  private volatile @Nullable Work work;
  private volatile @Nullable Step last;
  private volatile double secondsPerImage = Double.NaN;
  private volatile double secondsPerStep = Double.NaN;
  private long stepsBegin;
  private long lastNanos;
  private boolean firstOfStage = true;

  /** A run that begins now, with some of its iterations behind it. */
  Standing(String recipe, long iterations, long done, LongSupplier nanoTime) {
    this.recipe = Texts.oneLine(recipe);
    this.iterations = iterations;
    this.nanoTime = nanoTime;
    doneBefore = done;
    begin = nanoTime.getAsLong();
    stepsBegin = begin;
  }

  void stage(StageStart start) {
    stage =
        Texts.oneLine(start.name())
            + (start.stages() > 1 ? " " + (start.index() + 1) + "/" + start.stages() : "");
    work = null;
    firstOfStage = true;
    if (last == null) {
      stepsBegin = nanoTime.getAsLong();
    }
  }

  void step(Step step) {
    long now = nanoTime.getAsLong();
    // The first step of a stage also pays for its preparation: left out of the rate.
    if (!firstOfStage && step.images() > 0) {
      double newest = (now - lastNanos) / 1e9 / step.images();
      double mean = secondsPerImage;
      secondsPerImage = Double.isNaN(mean) ? newest : mean + NEWEST * (newest - mean);
    }
    secondsPerStep = (now - stepsBegin) / 1e9 / Math.max(step.done() - doneBefore, 1);
    firstOfStage = false;
    lastNanos = now;
    work = null;
    last = step;
  }

  void work(Work newWork) {
    work = newWork;
    // no part of the time of the next step's images
    firstOfStage = true;
  }

  /** Iterations of the whole run. */
  long iterations() {
    return iterations;
  }

  /** Iterations done, those before this process included. */
  long done() {
    Step step = last;
    return Math.min(step == null ? doneBefore : step.done(), iterations);
  }

  /** Whether a step was made. */
  boolean hasStepped() {
    return last != null;
  }

  /** Whether the run goes on from where another process had come to. */
  boolean isResumed() {
    return doneBefore > 0;
  }

  /** Nanoseconds since the run began. */
  long nanos() {
    return nanoTime.getAsLong() - begin;
  }

  /** What is going on, such as {@code tune 2/2}; empty before anything is. */
  String now() {
    Work present = work;
    if (present == null) {
      return stage;
    }
    return Texts.oneLine(present.what())
        + (present.total() > 0
            ? " " + Texts.count(present.done()) + "/" + Texts.count(present.total())
            : "");
  }

  /** The recipe's name, and what is going on. */
  String full() {
    String now = now();
    return now.isEmpty() ? recipe : recipe + ", " + now;
  }

  /** Counts, times, and what the last step was like; the most wanted first. */
  List<String> figures() {
    List<String> figures = new ArrayList<>();
    figures.add(Texts.count(done()) + "/" + Texts.count(iterations));
    String elapsed = clock(nanos() / 1e9);
    Step step = last;
    if (step == null) {
      figures.add(elapsed);
      return figures;
    }
    figures.add(elapsed + ", " + clock(secondsPerStep * (iterations - done())) + " left");
    double rate = 1 / secondsPerImage;
    figures.add(Double.isFinite(rate) ? Texts.count(Math.round(rate)) + " images/s" : "? images/s");
    figures.add(String.format(Locale.ROOT, "loss %.3f", step.loss()));
    figures.add(String.format(Locale.ROOT, "acc %.1f%%", 100 * step.accuracy()));
    figures.add(String.format(Locale.ROOT, "sparsity %.4f", step.sparsity()));
    return figures;
  }

  /** Minutes and seconds as a clock has them, with hours where there are any. */
  static String clock(double time) {
    long seconds = Math.round(time);
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
