package org.vpns.schedule;

import com.google.common.math.LongMath;
import java.math.BigDecimal;
import java.util.Locale;
import org.vpns.Problem;
import org.vpns.Schedule;
import org.vpns.Sparsity;
import org.vpns.Value;

/**
 * A schedule that moves at the steps {@code t0, t0 + dt, ..., t0 + n dt} and is constant between
 * them:
 *
 * <pre>
 * s(t) = rise(u),  u = k / n  at  t = t0 + k dt
 * </pre>
 *
 * <p>Before t0 it is s_i, from t0 + n dt on exactly s_f; {@code 0 <= s_i <= s_f < 1}. Defaults: s_i
 * = 0, t0 = 0. Immutable.
 */
public final class GradualSchedule extends Value<GradualSchedule> implements Schedule {
  private final Rise rise;
  private final Sparsity last;
  private final int times;
  private final long every;
  private Sparsity first = Sparsity.DENSE;
  private long start;

  GradualSchedule(Rise rise, Sparsity last, int times, long every) {
    this.rise = rise;
    this.last = last;
    this.times = Math.toIntExact(atLeast(1, "times", times));
    this.every = atLeast(1, "every", every);
    if (last.value().compareTo(BigDecimal.ONE) >= 0) {
      throw Problem.argument(
          "sparsity out of range", name(), "0 <= s < 1", last, "keep some weights to train");
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

  /** Sparsity s_i before the first pruning, at most s_f; default 0. */
  public GradualSchedule from(Sparsity sparsity) {
    Problem.given(sparsity, "GradualSchedule.from", "sparsity");
    if (sparsity.compareTo(last) > 0) {
      throw Problem.argument(
          "schedule goes backwards",
          name(),
          "a first sparsity of at most " + last,
          sparsity,
          "removed weights do not return: swap the two");
    }
    return with(s -> s.first = sparsity);
  }

  /** Step t0 of the first pruning, at least 0; default 0. */
  public GradualSchedule startingAt(long step) {
    return with(s -> s.start = atLeast(0, "startingAt", step));
  }

  @Override
  public Sparsity at(long step) {
    if (step < start) {
      return first;
    }
    long k = (step - start) / every;
    if (rise == Rise.ONE_SHOT || k >= times) {
      return last;
    }
    return k == 0 ? first : Sparsity.of(rise.at(first.value(), last.value(), k, times));
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
    return rise == Rise.ONE_SHOT
        ? start
        : LongMath.saturatedAdd(start, LongMath.saturatedMultiply(times, every));
  }

  @Override
  public Sparsity last() {
    return last;
  }

  private String name() {
    return rise.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @Override
  public String describe() {
    String range = name() + " " + first + " to " + last;
    return rise == Rise.ONE_SHOT
        ? range + " at step " + start
        : range + ", " + times + " times every " + every + " steps from " + start;
  }

  @Override
  public String toString() {
    return describe();
  }
}
