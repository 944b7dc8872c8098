package org.vpns.internal.run;

import java.util.function.Supplier;
import org.vpns.internal.text.Texts;

/** A line on standard error if the process is told to end (Ctrl-C, SIGTERM) before the close. */
public final class LastWords implements AutoCloseable {
  private final Thread hook;

  /**
   * To be said.
   *
   * @param line asked for at that moment
   */
  public LastWords(Supplier<String> line) {
    hook = new Thread(() -> System.err.println(Texts.oneLine(line.get())), "vpns last words");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      hook.setName("vpns last words, too late"); // the process is ending already
    }
  }

  @Override
  @SuppressWarnings("EmptyCatch")
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ignored) {
      // the process is ending: it has been said
    }
  }
}
