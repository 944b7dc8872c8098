package org.vpns.structured.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelWidth;

/**
 * What has left a network so far, and what may leave next: in each group the least score first, of
 * equal ones the higher number. No group goes below its floor, and a unit that is all that is left
 * of an axis is passed over.
 */
final class Shrinking {
  private final Bounds bounds;

  /** By group and unit: width, positions, width, positions ... */
  private final int[][][] effects;

  /** By width: positions that are still there. */
  private final int[] left;

  /** By group: those that are still there, next first. */
  private final List<List<ChannelUnit>> next = new ArrayList<>();

  /** By group: those that have left, first first. */
  private final List<List<ChannelUnit>> gone = new ArrayList<>();

  Shrinking(ChannelScores scores, Bounds bounds) {
    ChannelGroups groups = scores.groups();
    this.bounds = bounds;
    Comparator<ChannelUnit> order = order(scores);
    List<List<List<Integer>>> lists = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      lists.add(group.units().stream().<List<Integer>>map(unit -> new ArrayList<>()).toList());
      next.add(new ArrayList<>(group.free().stream().sorted(order).toList()));
      gone.add(new ArrayList<>());
    }
    List<ChannelWidth> widths = groups.widths();
    left = widths.stream().mapToInt(ChannelWidth::length).toArray();
    for (int w = 0; w < left.length; w++) {
      int width = w;
      widths
          .get(w)
          .positions()
          .forEach(
              (unit, count) ->
                  lists.get(unit.group()).get(unit.number()).addAll(List.of(width, count)));
    }
    effects =
        lists.stream()
            .map(
                units ->
                    units.stream()
                        .map(list -> list.stream().mapToInt(i -> i).toArray())
                        .toArray(int[][]::new))
            .toArray(int[][][]::new);
  }

  /** Who leaves before whom. */
  static Comparator<ChannelUnit> order(ChannelScores scores) {
    return Comparator.comparingDouble(scores::score)
        .thenComparing(ChannelUnit::group, Comparator.reverseOrder())
        .thenComparing(ChannelUnit::number, Comparator.reverseOrder());
  }

  /** What a unit takes: width, positions, width, positions ... */
  int[] effects(ChannelUnit unit) {
    return effects[unit.group()][unit.number()];
  }

  /** All that has left. */
  List<ChannelUnit> gone() {
    return gone.stream().flatMap(List::stream).toList();
  }

  /** How many have left groups. */
  int goneOf(int... groups) {
    int sum = 0;
    for (int group : groups) { // asked before every step, where a stream costs more than the sum
      sum += gone.get(group).size();
    }
    return sum;
  }

  /** How many channels of a group are there still, those that cannot leave included. */
  int width(int group) {
    return effects[group].length - gone.get(group).size();
  }

  /** How many more may leave a group, as far as its floor is concerned. */
  int room(int group) {
    return bounds.most(group) - gone.get(group).size();
  }

  /** The next units of a group, or null if there are not so many that may leave. */
  @Nullable List<ChannelUnit> next(int group, int count) {
    if (count > room(group)) {
      return null;
    }
    List<ChannelUnit> chosen = new ArrayList<>();
    for (ChannelUnit unit : next.get(group)) {
      if (chosen.size() == count) {
        break;
      }
      if (!empties(unit)) {
        take(unit, 1);
        chosen.add(unit);
      }
    }
    chosen.forEach(unit -> take(unit, -1));
    return chosen.size() == count ? chosen : null;
  }

  /** Whether nothing would be left of an axis. */
  private boolean empties(ChannelUnit unit) {
    int[] own = effects(unit);
    for (int i = 0; i < own.length; i += 2) {
      if (left[own[i]] <= own[i + 1]) {
        return true;
      }
    }
    return false;
  }

  private void take(ChannelUnit unit, int times) {
    int[] own = effects(unit);
    for (int i = 0; i < own.length; i += 2) {
      left[own[i]] -= times * own[i + 1];
    }
  }

  /** Takes units out that {@link #next} gave. */
  void remove(List<ChannelUnit> units) {
    for (ChannelUnit unit : units) {
      take(unit, 1);
      next.get(unit.group()).remove(unit);
      gone.get(unit.group()).add(unit);
    }
  }

  /** Takes a unit out if it may leave; whether it did. */
  boolean removeIfAllowed(ChannelUnit unit) {
    boolean allowed = room(unit.group()) > 0 && !empties(unit);
    if (allowed) {
      remove(List.of(unit));
    }
    return allowed;
  }

  /** Brings back the units of a group that left last. */
  void restore(int group, int count) {
    List<ChannelUnit> left = gone.get(group);
    for (int i = 0; i < count; i++) {
      ChannelUnit unit = left.remove(left.size() - 1);
      take(unit, -1);
      next.get(group).add(0, unit);
    }
  }
}
