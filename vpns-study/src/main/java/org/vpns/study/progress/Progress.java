package org.vpns.study.progress;

import org.vpns.train.RunListener;

/** Listeners that show how a run goes on. */
public final class Progress {
  private Progress() {}

  /**
   * Progress on the standard output. On a terminal: one bar for the whole run with stage, remaining
   * time, loss, accuracy, sparsity and images per second, redrawn at most four times a second,
   * warnings above it, and one line in its place when the run ends. Elsewhere (no console, or
   * {@code TERM=dumb}): nothing while the run goes on, and that one line at its end. For one run at
   * a time.
   */
  public static RunListener console() {
    return new ConsoleListener();
  }
}
