package org.vpns.internal.io;

/** Hands on a resource that was opened, or closes it if its making fails, by an error too. */
public final class Handover {
  private Handover() {}

  /** What is done with a resource before its user gets it. */
  @FunctionalInterface
  public interface Making<R, T, E extends Exception> {
    /** The result, which from then on closes the resource, or is the resource. */
    T of(R resource) throws E;
  }

  /**
   * The result of what is done with a resource, which is closed if that fails.
   *
   * @throws E as the making
   */
  public static <R extends AutoCloseable, T, E extends Exception> T of(
      R resource, Making<R, T, E> making) throws E {
    boolean done = false;
    try {
      T result = making.of(resource);
      done = true;
      return result;
    } finally {
      if (!done) {
        close(resource);
      }
    }
  }

  /** Nothing may take the place of the failure that is on its way. */
  @SuppressWarnings("EmptyCatch")
  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception ignored) {
      // the first failure is the one to tell
    }
  }
}
