package org.vpns.internal.run;

import java.time.Duration;
import java.util.function.Supplier;
import org.vpns.internal.network.ProcessEnd;
import org.vpns.internal.text.Texts;

/**
 * A line on standard error if the process is told to end (Ctrl-C, SIGTERM) before the close, which
 * then waits for the pass that the calling thread is in.
 */
public final class LastWords implements AutoCloseable {
  /** A pass of a large network on a slow machine; nobody waits longer for an end. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final ProcessEnd.Worker worker = ProcessEnd.enter();
  private final Thread hook;

  /**
   * To be said.
   *
   * @param line asked for at that moment
   */
  public LastWords(Supplier<String> line) {
    hook =
        new Thread(
            () -> {
              System.err.println(Texts.oneLine(line.get()));
              worker.stop(LIMIT);
            },
            "vpns last words");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      hook.setName("vpns last words, too late"); // the process is ending already
    }
  }

  @Override
  @SuppressWarnings("EmptyCatch")
  public void close() {
    worker.close();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ignored) {
      // the process is ending: it has been said
    }
  }
}
