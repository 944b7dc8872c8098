package org.vpns.structured.plan;

import java.util.Arrays;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.internal.text.Texts;

/** An exact number of channels, by score. */
final class ChannelCount extends ChannelBudget {
  private final Sparsity leaving;

  ChannelCount(Sparsity leaving) {
    this.leaving = leaving;
  }

  @Override
  Outcome select(Selecting selecting) {
    Bounds bounds = selecting.bounds();
    for (Scope scope : selecting.scopes()) {
      int count = bounds.leaving(leaving, scope.groups());
      if (!scope.exact()) {
        Arrays.stream(scope.groups()).forEach(g -> selecting.takeShare(g, count));
        continue;
      }
      int taken = selecting.take(count, scope.groups());
      if (taken < count) {
        throw outOfReach(selecting, scope, count, taken);
      }
      for (int g : scope.groups()) {
        selecting.asked()[g] = selecting.shrinking().gone(g).size();
        selecting.round(g);
      }
    }
    int[] all = bounds.others();
    int gone = bounds.lost(all) + selecting.shrinking().goneOf(all);
    return new Outcome(
        this + " to leave", Texts.count(gone) + " of " + Texts.count(bounds.free(all)) + " leave");
  }

  private static IllegalArgumentException outOfReach(
      Selecting selecting, Scope scope, int count, int taken) {
    int[] own = scope.groups();
    int left = selecting.bounds().free(own) - selecting.bounds().lost(own);
    String first = selecting.groups().groups().get(own[0]).name();
    return Problem.argument(
        "budget out of reach",
        "channels of " + first + (own.length == 1 ? "" : " and " + (own.length - 1) + " more"),
        "<= " + (left - count) + " of " + selecting.bounds().free(own),
        "nearest " + (left - taken) + " (all groups at their floor)",
        "lower minKeep, raise maxRemoved, or ask for less");
  }

  /** Such as {@code 0.5 of the channels}. */
  @Override
  public String toString() {
    return leaving + " of the channels";
  }
}
