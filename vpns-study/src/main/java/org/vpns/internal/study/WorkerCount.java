package org.vpns.internal.study;

import org.vpns.Problem;

/** Numbers of workers, and of threads in each. */
public final class WorkerCount {
  /** Processes, or threads of one, on one machine. */
  public static final int MOST = 1_024;

  private WorkerCount() {}

  /**
   * The number, if it is one.
   *
   * @param most largest that makes sense
   * @param where names the option in messages
   * @throws IllegalArgumentException unless {@code 1 <= count <= most}
   */
  public static int require(int count, int most, String where) {
    if (count < 1 || count > most) {
      throw Problem.argument(
          "number out of range",
          where,
          "1 to " + most,
          count,
          "there is no use in more than cores");
    }
    return count;
  }
}
