package org.vpns.study.progress;

import java.io.Console;

/** Where a program's output goes. */
final class Terminal {
  private Terminal() {}

  /**
   * Whether input and output are a terminal that can move its cursor; not so where {@code TERM} is
   * {@code dumb}.
   */
  static boolean isAttached() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      // From Java 22 on a console may exist without a terminal, and this method tells.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
