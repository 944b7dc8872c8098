package org.vpns.schedule;

import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * The schedules of this library, from sparsity s_i (default 0) to s_f. Unless said otherwise the
 * first pruning is at step 0; see {@link GradualSchedule}.
 */
public final class Schedules {
  private Schedules() {}

  /** All at once: {@code s_f} at the first pruning step. */
  public static GradualSchedule oneShot(Sparsity last) {
    Problem.given(last, "Schedules.oneShot", "last");
    return new GradualSchedule(Rise.ONE_SHOT, last, 1, 1);
  }

  /**
   * {@code s_i + (s_f - s_i) u}: as many weights each time.
   *
   * @param times n, prunings after the first, at least 1
   * @param every dt, steps between two of them, at least 1
   */
  public static GradualSchedule linear(Sparsity last, int times, long every) {
    Problem.given(last, "Schedules.linear", "last");
    return new GradualSchedule(Rise.LINEAR, last, times, every);
  }

  /**
   * {@code s_f + (s_i - s_f) (1 - u)^3}: fast while there is much to remove, slow towards the end
   * (Zhu and Gupta 2017, "To prune, or not to prune"). Arguments as {@link #linear}.
   */
  public static GradualSchedule cubic(Sparsity last, int times, long every) {
    Problem.given(last, "Schedules.cubic", "last");
    return new GradualSchedule(Rise.CUBIC, last, times, every);
  }

  /**
   * {@code 1 - (1 - s_i) ((1 - s_f) / (1 - s_i))^u}: the same fraction of the survivors each time.
   * Arguments as {@link #linear}.
   */
  public static GradualSchedule exponential(Sparsity last, int times, long every) {
    Problem.given(last, "Schedules.exponential", "last");
    return new GradualSchedule(Rise.EXPONENTIAL, last, times, every);
  }

  /**
   * {@code s_f + (s_i - s_f) (1 + cos(pi u)) / 2}: slow, fast, slow. Arguments as {@link #linear}.
   */
  public static GradualSchedule cosine(Sparsity last, int times, long every) {
    Problem.given(last, "Schedules.cosine", "last");
    return new GradualSchedule(Rise.COSINE, last, times, every);
  }
}
