package org.vpns.structured.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
import org.vpns.structured.ChannelGroups;

/**
 * A bound for what the network costs: steps are taken until the cost is at it. None is taken back,
 * and none depends on the bound: a lower one goes on where a higher one ends.
 */
final class CostLimit extends ChannelBudget {
  private final NetworkCost cost;
  private final double value;
  private final boolean isShare;

  CostLimit(NetworkCost cost, double value, boolean isShare) {
    this.cost = cost;
    this.value = value;
    this.isShare = isShare;
  }

  @Override
  Outcome select(Selecting selecting) {
    double whole = CostMeter.require(cost, cost.of(selecting.whole().graph()));
    double limit =
        isShare ? BigDecimal.valueOf(value).multiply(new BigDecimal(whole)).doubleValue() : value;
    Descent descent = new Descent(selecting, cost);
    while (descent.now() > limit) {
      if (!descent.step()) {
        throw outOfReach(selecting.groups(), limit, descent.now());
      }
    }
    descent.end();
    return new Outcome(asked(limit, whole, cost.name()), text(descent.now()));
  }

  /** Such as {@code at most 1.5 of 3 milliseconds}. */
  static String asked(double limit, double whole, String cost) {
    return "at most " + text(limit) + " of " + text(whole) + " " + cost;
  }

  private IllegalArgumentException outOfReach(ChannelGroups groups, double limit, double nearest) {
    return Problem.argument(
        "budget out of reach",
        cost.name(),
        "<= " + text(limit),
        "nearest " + text(nearest) + " (" + Descent.whyNoLess(groups) + ")",
        Descent.remedy(groups));
  }

  /** Whole or large numbers as counts; of others four digits. */
  static String text(double value) {
    return value == Math.rint(value) || value >= 1000
        ? Texts.count(value)
        : new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  /** Such as {@code 0.5 of the macs}. */
  @Override
  public String toString() {
    return isShare ? value + " of the " + cost.name() : text(value) + " " + cost.name();
  }
}
