package org.vpns.structured.prune;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/**
 * One ranking of all units: of N that can leave, floor(r N) with the least scores do; of equal ones
 * the first stay. Each group keeps at least a tenth of its units, and one; each axis keeps
 * something.
 */
record GlobalUnits(Sparsity sparsity) implements UnitSelection {
  /** No unit leaves. */
  static GlobalUnits none() {
    return new GlobalUnits(Sparsity.DENSE);
  }

  @Override
  public List<ChannelUnit> leaving(ChannelScores scores) {
    ChannelGroups groups = scores.groups();
    List<ChannelUnit> ranked = new ArrayList<>(groups.free());
    int asked = Ints.checkedCast(sparsity.prune(ranked.size()));
    Collections.reverse(ranked); // the sort keeps the order of equal ones
    ranked.sort(Comparator.comparingDouble(scores::score));
    List<ChannelUnit> leaving = least(groups, ranked, asked, false);
    if (groups.emptied(leaving) != null) {
      leaving = least(groups, ranked, asked, true);
    }
    if (leaving.size() < asked) {
      throw Problem.argument(
          "more channels than can leave",
          "sparsity " + sparsity + " of " + ranked.size() + " channels",
          "at most "
              + leaving.size()
              + ", with a tenth of each group and something of each axis left",
          asked,
          "ask for less");
    }
    return leaving;
  }

  /** The first ones that can leave. */
  private static List<ChannelUnit> least(
      ChannelGroups groups, List<ChannelUnit> ranked, int asked, boolean watchAxes) {
    Map<Integer, Integer> left = new HashMap<>();
    ranked.forEach(unit -> left.merge(unit.group(), 1, Integer::sum));
    Map<Integer, Integer> floors = new HashMap<>();
    left.forEach((group, count) -> floors.put(group, Math.max(1, (count + 9) / 10)));
    List<ChannelUnit> leaving = new ArrayList<>();
    for (ChannelUnit unit : ranked) {
      if (leaving.size() == asked) {
        break;
      }
      int now = left.getOrDefault(unit.group(), 0);
      if (now > floors.getOrDefault(unit.group(), 0)) {
        leaving.add(unit);
        if (watchAxes && groups.emptied(leaving) != null) {
          leaving.remove(leaving.size() - 1);
        } else {
          left.put(unit.group(), now - 1);
        }
      }
    }
    return leaving;
  }

  @Override
  public String describe() {
    return sparsity + " of all channels";
  }
}
