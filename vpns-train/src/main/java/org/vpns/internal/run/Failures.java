package org.vpns.internal.run;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What is done about a failure, and said of it. */
public final class Failures {
  private Failures() {}

  /**
   * Whether nothing can go on in this JVM: it is broken, or the thread was told to die. A lack of
   * memory goes with the run that had it, as a stack does that ran over and a class that is
   * missing.
   */
  public static boolean endsAll(Throwable failure) {
    return failure instanceof ThreadDeath
        || failure instanceof VirtualMachineError
            && !(failure instanceof OutOfMemoryError || failure instanceof StackOverflowError);
  }

  /** Whether there is a message, and it was written to be read by itself. */
  public static boolean tellsAll(Throwable failure) {
    String message = failure.getMessage();
    return message != null
        && (failure instanceof IllegalArgumentException
            || failure instanceof IllegalStateException
            || failure instanceof IOException
            || failure instanceof UncheckedIOException
            || message.contains("; expected "));
  }

  /**
   * The message, where it tells all; else with the name of the class, without which it may say
   * nothing: {@code java.lang.OutOfMemoryError: Java heap space}.
   */
  public static String inWords(Throwable failure) {
    return tellsAll(failure) ? String.valueOf(failure.getMessage()) : failure.toString();
  }

  /**
   * What is still to be done must not hide the failure: what it throws is kept with the failure, as
   * suppressed.
   */
  public static void andThen(Throwable failure, Runnable action) {
    try {
      action.run();
    } catch (Throwable e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
  }
}
