package org.vpns.structured.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/**
 * A bound for what the network costs. Step by step the chunk of a group leaves whose scores are
 * least for what it saves of the whole network's present cost, until the cost is at the bound. No
 * step is taken back, and none depends on the bound: a lower one goes on where a higher one ends.
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
    CostMeter meter = CostMeter.of(cost, selecting.groups(), selecting.shrinking());
    Descent descent = new Descent(selecting, meter);
    while (meter.now() > limit) {
      if (!descent.step()) {
        throw outOfReach(selecting.groups(), limit, meter.now());
      }
    }
    for (Scope scope : selecting.scopes()) {
      for (int g : scope.groups()) {
        selecting.asked()[g] = selecting.shrinking().goneOf(g);
      }
    }
    return new Outcome(
        "at most " + text(limit) + " of " + text(whole) + " " + cost.name(), text(meter.now()));
  }

  private IllegalArgumentException outOfReach(ChannelGroups groups, double limit, double nearest) {
    String why = "all groups at their floor";
    String remedy = "lower minKeep or roundTo, raise maxRemoved, or ask for less";
    if (groups.free().isEmpty()) {
      String first = groups.groups().stream().findFirst().map(Wish::stays).orElse("no layers");
      why = "no channel can leave; the first " + first;
      remedy = "let some: the ChannelGroups say in print why each stays";
    }
    return Problem.argument(
        "budget out of reach",
        cost.name(),
        "<= " + text(limit),
        "nearest " + text(nearest) + " (" + why + ")",
        remedy);
  }

  /** Whole or large numbers as counts; of others four digits. */
  private static String text(double value) {
    return value == Math.rint(value) || value >= 1000
        ? Texts.count(value)
        : new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  /** Such as {@code 0.5 of the macs}. */
  @Override
  public String toString() {
    return isShare ? value + " of the " + cost.name() : text(value) + " " + cost.name();
  }

  /** The steps. What a group would save is counted anew when something related has left. */
  private static final class Descent {
    private final Selecting selecting;
    private final CostMeter meter;
    private final @Nullable Chunk[] chunks;
    private final boolean[] known;

    /** The next units of a group. */
    private record Chunk(List<ChannelUnit> units, double value) {}

    Descent(Selecting selecting, CostMeter meter) {
      this.selecting = selecting;
      this.meter = meter;
      chunks = new Chunk[selecting.groups().groups().size()];
      known = new boolean[chunks.length];
    }

    /** Takes one chunk; whether there was any. */
    boolean step() {
      int best = -1;
      for (int s : scopesByShare()) {
        best = best(selecting.scopes().get(s));
        if (best >= 0) {
          break;
        }
      }
      Chunk chunk = best < 0 ? null : chunks[best];
      if (chunk == null) {
        return false;
      }
      meter.remove(chunk.units);
      for (int g = 0; g < known.length; g++) {
        known[g] &= !meter.related(best, g);
      }
      known[best] = false;
      return true;
    }

    /** Scopes that have lost the least share first. */
    private int[] scopesByShare() {
      List<Scope> scopes = selecting.scopes();
      return IntStream.range(0, scopes.size())
          .boxed()
          .sorted((a, b) -> Double.compare(share(scopes.get(a)), share(scopes.get(b))))
          .mapToInt(s -> s)
          .toArray();
    }

    private double share(Scope scope) {
      int gone = scope.lost() + selecting.shrinking().goneOf(scope.groups());
      return (double) gone / scope.free();
    }

    /** The group of least value, the first of equal ones; -1 if none can lose anything. */
    private int best(Scope scope) {
      int best = -1;
      double least = 0;
      for (int g : scope.groups()) {
        if (!known[g]) {
          chunks[g] = chunk(g);
          known[g] = true;
        }
        Chunk chunk = chunks[g];
        if (chunk != null && (best < 0 || chunk.value < least)) {
          best = g;
          least = chunk.value;
        }
      }
      return best;
    }

    /**
     * Down to the next multiple at which the network costs less: a cost may go in stairs, as
     * measured times do.
     */
    private @Nullable Chunk chunk(int group) {
      int width = selecting.shrinking().width(group);
      int multiple = selecting.roundTo();
      for (int to = (width - 1) / multiple * multiple; to > 0; to -= multiple) {
        List<ChannelUnit> units = selecting.shrinking().next(group, width - to);
        if (units == null) {
          return null;
        }
        double saved = meter.saved(units);
        if (saved > 0) {
          ChannelScores scores = selecting.scores();
          double score = 0;
          for (ChannelUnit unit : units) {
            score += scores.score(unit);
          }
          return new Chunk(units, score / saved);
        }
      }
      return null;
    }
  }
}
