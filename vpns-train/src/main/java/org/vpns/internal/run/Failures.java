package org.vpns.internal.run;

/** What is still to be done after a failure must not hide it. */
public final class Failures {
  private Failures() {}

  /** Does it; what it throws is kept with the failure, as suppressed. */
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
