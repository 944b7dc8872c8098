package org.vpns.schedule;

import com.google.common.math.LongMath;
import java.math.BigDecimal;
import java.util.Locale;
import org.vpns.Problem;
import org.vpns.Schedule;
import org.vpns.Sparsity;

/**
 * A schedule that moves at the steps {@code t0, t0 + dt, ..., t0 + n dt} and is constant between
 * them:
 *
 * <pre>
 * s(t) = curve(u),  u = k / n  at  t = t0 + k dt
 * </pre>
 *
 * <p>Before t0 it is s_i, from t0 + n dt on exactly s_f; {@code 0 <= s_i <= s_f < 1}. Defaults: s_i
 * = 0, t0 = 0. Immutable.
 */
public final class GradualSchedule implements Schedule {
  private final Curve curve;
  private final Sparsity first;
  private final Sparsity last;
  private final long start;
  private final int times;
  private final long every;

  GradualSchedule(Curve curve, Sparsity last, int times, long every) {
    this(curve, Sparsity.DENSE, last, 0, times, every);
  }

  private GradualSchedule(
      Curve curve, Sparsity first, Sparsity last, long start, int times, long every) {
    this.curve = curve;
    this.first = first;
    this.last = last;
    this.start = start;
    this.times = Math.toIntExact(atLeast(1, "times", times));
    this.every = atLeast(1, "every", every);
    if (last.value().compareTo(BigDecimal.ONE) >= 0) {
      throw Problem.argument(
          "sparsity out of range", name(), "0 <= s < 1", last, "keep some weights to train");
    }
    if (first.compareTo(last) > 0) {
      throw Problem.argument(
          "schedule goes backwards",
          name(),
          "a first sparsity of at most " + last,
          first,
          "removed weights do not return: swap the two");
    }
  }

  private long atLeast(long least, String option, long value) {
    if (value < least) {
      throw Problem.argument(
          "option out of range",
          name() + ", " + option,
          "at least " + least,
          value,
          "count steps from 0 and prune at least once");
    }
    return value;
  }

  /** Starts at another sparsity than 0. */
  public GradualSchedule from(Sparsity sparsity) {
    return new GradualSchedule(curve, sparsity, last, start, times, every);
  }

  /**
   * Prunes for the first time at another step than 0.
   *
   * @param step t0, at least 0
   */
  public GradualSchedule startingAt(long step) {
    long checked = atLeast(0, "startingAt", step);
    return new GradualSchedule(curve, first, last, checked, times, every);
  }

  @Override
  public Sparsity at(long step) {
    if (step < start) {
      return first;
    }
    long k = (step - start) / every;
    if (curve == Curve.ONE_SHOT || k >= times) {
      return last;
    }
    return k == 0 ? first : Sparsity.of(curve.at(first.value(), last.value(), k, times));
  }

  /**
   * {@inheritDoc}
   *
   * <p>These are t0, t0 + dt, ..., t0 + n dt, and step 0 if the schedule starts sparse.
   */
  @Override
  public boolean isPruningStep(long step) {
    boolean startsSparse = step == 0 && first.compareTo(Sparsity.DENSE) > 0;
    return startsSparse || (step >= start && step <= end() && (step - start) % every == 0);
  }

  @Override
  public long end() {
    return curve == Curve.ONE_SHOT
        ? start
        : LongMath.saturatedAdd(start, LongMath.saturatedMultiply(times, every));
  }

  @Override
  public Sparsity last() {
    return last;
  }

  private String name() {
    return curve.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @Override
  public String describe() {
    String range = name() + " " + first + " to " + last;
    return curve == Curve.ONE_SHOT
        ? range + " at step " + start
        : range + ", " + times + " times every " + every + " steps from " + start;
  }
}
