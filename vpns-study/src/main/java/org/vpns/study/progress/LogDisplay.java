package org.vpns.study.progress;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import org.vpns.internal.text.Texts;

/**
 * Lines for a file or a build's log: one at the beginning, then one at the end of an epoch, or
 * after a minute. Epochs of moments do not fill the log: from one line to the next it takes ten
 * seconds at least, so a run of seconds has none.
 */
final class LogDisplay implements Display {
  private static final long MOST = TimeUnit.MINUTES.toNanos(1);
  private static final long LEAST = TimeUnit.SECONDS.toNanos(10);

  private final PrintStream out;
  private final Standing standing;
  private long lastLine;

  LogDisplay(PrintStream out, Standing standing) {
    this.out = out;
    this.standing = standing;
    say(
        standing.full()
            + (standing.isResumed()
                ? ": resumed after "
                    + Texts.count(standing.done())
                    + " of "
                    + Texts.plural(standing.iterations(), "iteration")
                : ": " + Texts.plural(standing.iterations(), "iteration")));
  }

  @Override
  public void advanced(boolean epochEnded) {
    long now = standing.nanos();
    if (now - lastLine >= (epochEnded ? LEAST : MOST)) {
      lastLine = now;
      say(standing.full() + ": " + String.join(", ", standing.figures()));
    }
  }

  @Override
  public void say(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void end() {}
}
