package org.vpns.structured.plan;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;

/** What may leave each group at most, and which have a share of their own. */
final class Bounds {
  /** A name's number and the name that gave it. */
  private record Asked<T>(T value, String layer) {}

  private final ChannelGroups groups;

  /** The network that shares refer to. */
  private final ChannelGroups whole;

  /** By group: its number in the whole network. */
  private final int[] wholeOf;

  private final int[] most;
  private final String[] reasons;

  /** By group of the whole network. */
  private final @Nullable Asked<Sparsity>[] shares;

  /**
   * Of a network.
   *
   * @param whole the network that shares refer to: the same, or what it was before it lost channels
   */
  Bounds(ChannelGroups groups, ChannelGroups whole, Limits limits) {
    this.groups = groups;
    this.whole = whole;
    wholeOf = groups.groups().stream().mapToInt(group -> counterpart(group, whole)).toArray();
    @Nullable Asked<Integer>[] floors = each(limits.floors(), (a, b) -> a.value > b.value ? a : b);
    @Nullable Asked<Sparsity>[] caps =
        each(limits.caps(), (a, b) -> a.value.compareTo(b.value) < 0 ? a : b);
    shares = each(limits.shares(), Bounds::same);
    most = new int[wholeOf.length];
    reasons = new String[wholeOf.length];
    for (int g = 0; g < wholeOf.length; g++) {
      ChannelGroup group = groups.groups().get(g);
      ChannelGroup before = whole.groups().get(wholeOf[g]);
      Asked<Integer> floor = floors[wholeOf[g]];
      Asked<Sparsity> cap = caps[wholeOf[g]];
      int keep = floor == null ? limits.floor(before.units().size()) : floor.value;
      Sparsity atMost = cap == null ? limits.maxRemoved() : cap.value;
      int lost = lost(before, group);
      int byCap = (int) atMost.prune(before.free().size()) - lost;
      int byFloor = group.units().size() - Math.max(1, keep);
      most[g] = Math.max(0, Math.min(group.free().size(), Math.min(byCap, byFloor)));
      reasons[g] =
          byCap < byFloor
              ? "at most " + atMost + " of it may leave"
              : "at least " + Math.max(1, keep) + " stay";
    }
  }

  private static int counterpart(ChannelGroup group, ChannelGroups whole) {
    return whole.groups().stream()
        .filter(other -> other.name().equals(group.name()))
        .filter(other -> other.units().size() >= group.units().size())
        .mapToInt(ChannelGroup::number)
        .findFirst()
        .orElseThrow(
            () ->
                Problem.argument(
                    "shares of another network",
                    "ChannelSelection.reference",
                    "the network that this one was before it lost channels",
                    "one without a group " + group.name() + " of that many channels",
                    "pass the groups of the whole network"));
  }

  /** By group: what was asked for it by the names of layers, two of which may name one group. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private <T> @Nullable Asked<T>[] each(Map<String, T> asked, BinaryOperator<Asked<T>> both) {
    @Nullable Asked<T>[] result = new Asked[whole.groups().size()];
    asked.forEach(
        (layer, value) -> {
          Asked<T> one = new Asked<>(value, layer);
          for (int g : groupsOf(layer, whole)) {
            Asked<T> other = result[g];
            result[g] = other == null ? one : both.apply(other, one);
          }
        });
    return result;
  }

  private static Asked<Sparsity> same(Asked<Sparsity> a, Asked<Sparsity> b) {
    if (!a.value.equals(b.value)) {
      throw Problem.argument(
          "contradicting shares",
          "'" + a.layer + "' and '" + b.layer + "'",
          "one share for layers whose channels leave together",
          a.value + " and " + b.value,
          "give both the same, or name one of them");
    }
    return b;
  }

  /**
   * The groups that a layer makes channels of: by the name of its node, or the beginning of its
   * parameters' paths.
   *
   * @throws IllegalArgumentException if there are none
   */
  static List<Integer> groupsOf(String layer, ChannelGroups groups) {
    List<Integer> found = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (ChannelGroup group : groups.groups()) {
      Set<String> made = new LinkedHashSet<>(List.of(group.name()));
      for (ChannelUnit unit : group.units()) {
        unit.slices(ChannelUnit.Role.OUT).forEach(slice -> made.add(slice.parameter()));
      }
      names.addAll(made);
      made.forEach(name -> names.add(name.substring(0, Math.max(0, name.lastIndexOf('.')))));
      if (made.stream().anyMatch(name -> name.equals(layer) || name.startsWith(layer + "."))) {
        found.add(group.number());
      }
    }
    if (found.isEmpty()) {
      String nearest = Problem.nearest(layer, names);
      throw Problem.argument(
          "no layer of this name",
          "ChannelSelection, '" + layer + "'",
          "a layer that makes channels",
          nearest == null ? "none" : "'" + nearest + "' as the nearest",
          "groups are: "
              + Problem.listed(groups.groups().stream().map(ChannelGroup::name).toList(), 12));
    }
    return found;
  }

  /** How many more may leave a group. */
  int most(int group) {
    return most[group];
  }

  /** Why no more may. */
  String reason(int group) {
    return reasons[group];
  }

  /** The share that the group was given for itself, or null. */
  @Nullable Sparsity share(int group) {
    Asked<Sparsity> share = shares[wholeOf[group]];
    return share == null ? null : share.value;
  }

  /**
   * Groups of the whole network as a scope of this one.
   *
   * @param some their numbers; one of which a single channel is left is no group any more
   */
  Scope scope(int[] some, boolean exact) {
    int free = 0;
    int lost = 0;
    List<Integer> own = new ArrayList<>();
    for (int w : some) {
      ChannelGroup before = whole.groups().get(w);
      int g = Ints.indexOf(wholeOf, w);
      free += before.free().size();
      lost += g < 0 ? before.units().size() - 1 : lost(before, groups.groups().get(g));
      if (g >= 0) {
        own.add(g);
      }
    }
    return new Scope(Ints.toArray(own), free, lost, exact);
  }

  /** How many channels have left a group: the last one of an axis is there, but free no more. */
  private static int lost(ChannelGroup before, ChannelGroup now) {
    return Math.max(0, before.units().size() - now.units().size());
  }

  /** The group by itself. */
  Scope scope(int group) {
    return scope(new int[] {wholeOf[group]}, false);
  }

  /** Groups of the whole network that can lose channels and have no share of their own. */
  int[] others() {
    return IntStream.range(0, shares.length)
        .filter(w -> shares[w] == null && !whole.groups().get(w).free().isEmpty())
        .toArray();
  }
}
