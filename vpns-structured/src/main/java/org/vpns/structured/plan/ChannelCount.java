package org.vpns.structured.plan;

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
    int free = 0;
    int gone = 0;
    for (Scope scope : selecting.scopes()) {
      take(selecting, scope);
      free += scope.free();
      gone += scope.lost() + selecting.shrinking().goneOf(scope.groups());
    }
    return new Outcome(
        this + " to leave", Texts.count(gone) + " of " + Texts.count(free) + " leave");
  }

  private void take(Selecting selecting, Scope scope) {
    if (!scope.exact()) {
      selecting.takeShare(scope, leaving);
      return;
    }
    int count = scope.leaving(leaving);
    int taken = selecting.take(count, scope.groups());
    if (taken < count) {
      throw outOfReach(selecting, scope, count, taken);
    }
    for (int g : scope.groups()) {
      selecting.asked()[g] = selecting.shrinking().goneOf(g);
      selecting.round(g);
    }
  }

  private static IllegalArgumentException outOfReach(
      Selecting selecting, Scope scope, int count, int taken) {
    int[] own = scope.groups();
    int left = scope.free() - scope.lost();
    String first = own.length == 0 ? "no group" : selecting.groups().groups().get(own[0]).name();
    return Problem.argument(
        "budget out of reach",
        "channels of " + first + (own.length < 2 ? "" : " and " + (own.length - 1) + " more"),
        "<= " + Texts.count(left - count) + " of " + Texts.count(scope.free()),
        "nearest " + Texts.count(left - taken) + " (all groups at their floor)",
        "lower minKeep, raise maxRemoved, or ask for less");
  }

  /** Such as {@code 0.5 of the channels}. */
  @Override
  public String toString() {
    return leaving + " of the channels";
  }
}
