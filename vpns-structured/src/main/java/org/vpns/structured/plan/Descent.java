package org.vpns.structured.plan;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/**
 * The steps towards less of a cost: of all groups' next chunks the one leaves whose scores are
 * least for what it saves of the whole network's present cost. What a group would save is counted
 * anew when something related has left. No step depends on a bound, so plans nest.
 */
final class Descent {
  private final Selecting selecting;
  private final CostMeter meter;
  private final @Nullable Chunk[] chunks;
  private final boolean[] known;

  /** The next units of a group. */
  private record Chunk(List<ChannelUnit> units, double value) {}

  Descent(Selecting selecting, NetworkCost cost) {
    this.selecting = selecting;
    meter = CostMeter.of(cost, selecting.groups(), selecting.shrinking());
    chunks = new Chunk[selecting.groups().groups().size()];
    known = new boolean[chunks.length];
  }

  /** What the network costs after the steps so far. */
  double now() {
    return meter.now();
  }

  /** No more steps: what has left is what was asked for. */
  void end() {
    for (Scope scope : selecting.scopes()) {
      for (int g : scope.groups()) {
        selecting.asked()[g] = selecting.shrinking().goneOf(g);
      }
    }
  }

  /** Why a network whose steps are all taken costs no less. */
  static String whyNoLess(ChannelGroups groups) {
    return groups.free().isEmpty()
        ? "no channel can leave; the first "
            + groups.groups().stream().findFirst().map(Wish::stays).orElse("no layers")
        : "all groups at their floor";
  }

  /** What helps then. */
  static String remedy(ChannelGroups groups) {
    return groups.free().isEmpty()
        ? "let some: the ChannelGroups say in print why each stays"
        : "lower minKeep or roundTo, raise maxRemoved, or ask for less";
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
   * Down to the next multiple at which the network costs less: a cost may go in stairs, as measured
   * times do.
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
