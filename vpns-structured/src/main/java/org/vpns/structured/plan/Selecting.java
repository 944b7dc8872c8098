package org.vpns.structured.plan;

import java.util.Arrays;
import java.util.List;
import org.vpns.Sparsity;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/**
 * One selection under way.
 *
 * @param scores which units leave first
 * @param whole groups of the network that shares refer to
 * @param bounds what may leave each group
 * @param scopes which groups are ranked together
 * @param roundTo what kept widths are multiples of
 * @param roundDown whether widths that are no multiple become less rather than more
 * @param shrinking what has left
 * @param asked by group: how many units were to leave before floors and rounding
 */
record Selecting(
    ChannelScores scores,
    ChannelGroups whole,
    Bounds bounds,
    List<Scope> scopes,
    int roundTo,
    boolean roundDown,
    Shrinking shrinking,
    int[] asked) {
  ChannelGroups groups() {
    return scores.groups();
  }

  /** Takes the first units of several groups, as far as they may leave; how many did. */
  int take(int count, int... groups) {
    List<ChannelUnit> order =
        Arrays.stream(groups)
            .mapToObj(g -> groups().groups().get(g))
            .flatMap(group -> group.free().stream())
            .sorted(Shrinking.order(scores))
            .toList();
    int taken = 0;
    for (ChannelUnit unit : order) {
      if (taken == count) {
        break;
      }
      taken += shrinking.removeIfAllowed(unit) ? 1 : 0;
    }
    return taken;
  }

  /** Takes the share of groups by themselves, as far as they may lose it. */
  void takeShare(Scope scope, Sparsity share) {
    for (int g : scope.groups()) {
      asked[g] = scope.leaving(share);
      take(asked[g], g);
      round(g);
    }
  }

  /** Makes the width of a group a multiple, if any channel has left it. */
  void round(int group) {
    int width = shrinking.width(group);
    int over = width % roundTo;
    if (over == 0 || shrinking.goneOf(group) == 0) {
      return;
    }
    List<ChannelUnit> more = roundDown && width > roundTo ? shrinking.next(group, over) : null;
    if (more != null) {
      shrinking.remove(more);
    } else {
      shrinking.restore(group, Math.min(roundTo - over, shrinking.goneOf(group)));
    }
  }

  /** What was to leave a group, and why less does or nothing. */
  Wish wish(ChannelGroup group) {
    int g = group.number();
    int gone = shrinking.goneOf(g);
    return new Wish(asked[g], note(group, gone));
  }

  private String note(ChannelGroup group, int gone) {
    int g = group.number();
    if (group.free().isEmpty()) {
      return Wish.stays(group);
    }
    int missing = Math.min(asked[g], bounds.most(g)) - gone;
    if (missing != 0) {
      return missing < roundTo
          ? "kept channels are multiples of " + roundTo
          : "something of every axis stays";
    }
    if (gone < asked[g] || (gone == 0 && bounds.most(g) == 0)) {
      return bounds.reason(g);
    }
    return gone == 0 ? "nothing chosen of it" : "";
  }
}
