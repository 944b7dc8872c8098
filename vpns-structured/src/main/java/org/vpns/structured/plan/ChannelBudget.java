package org.vpns.structured.plan;

import com.google.common.collect.ImmutableMap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vpns.Problem;
import org.vpns.Schedule;
import org.vpns.Sparsity;

/**
 * How much of a network may be left: a share of its channels, or of what it costs. Costs are those
 * of the whole smaller network, whose layers shrink on both sides; they are never a sum over
 * channels. Immutable.
 */
public abstract sealed class ChannelBudget permits ChannelCount, CostLimit, LeastCost {
  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMG]?I?B)");

  private static final Map<String, Long> UNITS =
      ImmutableMap.of(
          "B", 1L,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "KIB", 1L << 10,
          "MIB", 1L << 20,
          "GIB", 1L << 30);

  ChannelBudget() {}

  /**
   * A share of the channels leaves: of n that can, exactly {@code floor(share * n)}, counted over
   * each {@link ChannelSelection#local() scope}. Channels that leave together count as one.
   */
  public static ChannelBudget channels(Sparsity leaving) {
    return new ChannelCount(Problem.given(leaving, "ChannelBudget.channels", "leaving"));
  }

  /** At most this share of the parameters stays, in (0, 1]; statistics do not count. */
  public static ChannelBudget parameters(double share) {
    return of(NetworkCost.parameters(), share);
  }

  /** At most so many parameters stay; statistics do not count. */
  public static ChannelBudget parameters(long most) {
    return atMost(NetworkCost.parameters(), (double) most);
  }

  /** At most this share of the multiply-adds stays, in (0, 1]. */
  public static ChannelBudget macs(double share) {
    return of(NetworkCost.macs(), share);
  }

  /** At most so many multiply-adds of one image stay. */
  public static ChannelBudget macs(long most) {
    return atMost(NetworkCost.macs(), (double) most);
  }

  /** At most this share of the bytes of parameters and statistics stays, in (0, 1]. */
  public static ChannelBudget bytes(double share) {
    return of(NetworkCost.bytes(), share);
  }

  /** At most so many bytes of parameters and statistics stay. */
  public static ChannelBudget bytes(long most) {
    return atMost(NetworkCost.bytes(), (double) most);
  }

  /**
   * At most so many bytes of parameters and statistics stay.
   *
   * @param most such as {@code 4MB} (of 1,000,000 bytes) or {@code 512 KiB} (of 1,024)
   * @throws IllegalArgumentException if it is no such text
   */
  public static ChannelBudget bytes(String most) {
    String text = Problem.given(most, "ChannelBudget.bytes", "most").strip();
    Matcher matcher = SIZE.matcher(text.toUpperCase(Locale.ROOT));
    BigDecimal bytes =
        matcher.matches()
            ? new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(UNITS.getOrDefault(matcher.group(2), 1L)))
            : BigDecimal.valueOf(-1);
    if (bytes.signum() <= 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw Problem.argument(
          "size that cannot be read",
          "ChannelBudget.bytes",
          "a number above 0 and a unit, B, kB, MB, GB, KiB, MiB or GiB",
          "'" + most + "'",
          "write for example 4MB");
    }
    return bytes(bytes.longValue());
  }

  /**
   * At most this share of what the network costs stays.
   *
   * @throws IllegalArgumentException if the share is outside (0, 1]
   */
  public static ChannelBudget of(NetworkCost cost, double share) {
    Problem.given(cost, "ChannelBudget.of", "cost");
    if (!(share > 0 && share <= 1)) {
      throw Problem.argument(
          "share out of range",
          "ChannelBudget, " + cost.name(),
          "0 < share <= 1",
          share,
          "pass the share that stays, 0.5 for half of it");
    }
    return new CostLimit(cost, share, true);
  }

  /**
   * At most so much of a cost stays.
   *
   * @throws IllegalArgumentException if it is not above 0
   */
  public static ChannelBudget atMost(NetworkCost cost, double most) {
    Problem.given(cost, "ChannelBudget.atMost", "cost");
    if (!(most > 0)) {
      throw Problem.argument(
          "cost out of range", "ChannelBudget, " + cost.name(), "above 0", most, "pass a cost");
    }
    return new CostLimit(cost, most, false);
  }

  /**
   * Budgets for steps, one for each pruning step of a schedule:
   *
   * <pre>{@code
   * ChannelBudget.along(Schedules.cubic(Sparsity.of(0.5), 4, 1), ChannelBudget::channels)
   * }</pre>
   *
   * @param each the budget where this share is to be gone
   */
  public static List<ChannelBudget> along(
      Schedule schedule, Function<Sparsity, ChannelBudget> each) {
    Problem.given(schedule, "ChannelBudget.along", "schedule");
    Problem.given(each, "ChannelBudget.along", "each");
    List<ChannelBudget> budgets = new ArrayList<>();
    for (long step = 0; step <= schedule.end(); step++) {
      if (schedule.isPruningStep(step)) {
        Sparsity share =
            Problem.given(schedule.at(step), "ChannelBudget.along", "what Schedule.at gives");
        budgets.add(Problem.given(each.apply(share), "ChannelBudget.along", "what each gives"));
      }
    }
    return List.copyOf(budgets);
  }

  /** Takes out what the budget asks for; says what was asked for and what was obtained. */
  abstract Outcome select(Selecting selecting);
}
