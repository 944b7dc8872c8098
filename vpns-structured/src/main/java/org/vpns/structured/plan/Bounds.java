package org.vpns.structured.plan;

import java.util.ArrayList;
import java.util.Arrays;
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

  /** By group: those of the network that shares refer to. */
  private final List<ChannelGroup> whole;

  private final int[] most;
  private final String[] reasons;
  private final @Nullable Sparsity[] shares;

  /**
   * Of a network.
   *
   * @param whole the network that shares refer to: the same, or what it was before it lost channels
   */
  Bounds(ChannelGroups groups, ChannelGroups whole, ChannelSelection selection) {
    this.groups = groups;
    this.whole = groups.groups().stream().map(group -> counterpart(group, whole)).toList();
    int count = groups.groups().size();
    @Nullable Asked<Integer>[] floors =
        each(selection.floors(), (a, b) -> a.value > b.value ? a : b);
    @Nullable Asked<Sparsity>[] caps =
        each(selection.caps(), (a, b) -> a.value.compareTo(b.value) < 0 ? a : b);
    @Nullable Asked<Sparsity>[] own = each(selection.shares(), Bounds::same);
    most = new int[count];
    reasons = new String[count];
    shares = new Sparsity[count];
    for (int g = 0; g < count; g++) {
      ChannelGroup group = groups.groups().get(g);
      ChannelGroup before = this.whole.get(g);
      Asked<Integer> floor = floors[g];
      Asked<Sparsity> cap = caps[g];
      int keep = floor == null ? selection.floor(before.units().size()) : floor.value;
      Sparsity atMost = cap == null ? selection.cap() : cap.value;
      int lost = lost(g);
      int byCap = (int) atMost.prune(before.free().size()) - lost;
      int byFloor = group.units().size() - Math.max(1, keep);
      most[g] = Math.max(0, Math.min(group.free().size(), Math.min(byCap, byFloor)));
      reasons[g] =
          byCap < byFloor
              ? "at most " + atMost + " of it may leave"
              : "at least " + Math.max(1, keep) + " stay";
      Asked<Sparsity> share = own[g];
      shares[g] = share == null ? null : share.value;
    }
  }

  private static ChannelGroup counterpart(ChannelGroup group, ChannelGroups whole) {
    return whole.groups().stream()
        .filter(other -> other.name().equals(group.name()))
        .filter(other -> other.units().size() >= group.units().size())
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
    @Nullable Asked<T>[] result = new Asked[groups.groups().size()];
    asked.forEach(
        (layer, value) -> {
          Asked<T> one = new Asked<>(value, layer);
          for (int g : groupsOf(layer, groups)) {
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
    return shares[group];
  }

  /** How many have left groups since the network that shares refer to. */
  int lost(int... some) {
    return free(some) - Arrays.stream(some).map(g -> groups.groups().get(g).free().size()).sum();
  }

  /** How many more of a group's, or several groups', channels are to leave for a share. */
  int leaving(Sparsity share, int... some) {
    return Math.max(0, (int) share.prune(free(some)) - lost(some));
  }

  /** Channels of several groups that could leave the network that shares refer to. */
  int free(int... some) {
    return Arrays.stream(some).map(g -> whole.get(g).free().size()).sum();
  }

  /** The groups that can lose channels and have no share of their own. */
  int[] others() {
    return IntStream.range(0, most.length).filter(g -> shares[g] == null && free(g) > 0).toArray();
  }
}
