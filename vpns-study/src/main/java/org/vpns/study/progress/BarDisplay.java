package org.vpns.study.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A bar on a terminal, drawn again at most four times a second, and gone at the end. */
final class BarDisplay implements Display {
  private static final int UPDATE_MILLIS = 250;

  private final Standing standing;
  private final BarLine line;
  private final ProgressBar bar;

  /**
   * Begins to draw.
   *
   * @param width columns; 0 = those of the terminal
   */
  BarDisplay(PrintStream out, int width, Standing standing) {
    this.standing = standing;
    line = new BarLine(out, width, this::text);
    bar =
        new ProgressBarBuilder()
            .setInitialMax(standing.iterations())
            .startsFrom(standing.done(), Duration.ZERO)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .continuousUpdate()
            .setRenderer(BarLine::render)
            .setConsumer(line)
            .build();
  }

  /** Draws what there is when its time comes. */
  @Override
  public void advanced(boolean epochEnded) {
    bar.stepTo(standing.done());
  }

  @Override
  public void say(String text) {
    line.above(text);
    bar.refresh();
  }

  @Override
  public void end() {
    bar.close();
    // A bar that is closed before its first drawing never closes its consumer.
    line.close();
  }

  private String text(int columns) {
    String full = standing.full();
    String now = standing.now();
    return BarText.of(
        columns,
        List.of(full, now.isEmpty() ? full : now),
        standing.done(),
        standing.iterations(),
        standing.figures());
  }
}
