package org.vpns.structured.plan;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
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

  /** The network that shares refer to. */
  private final ChannelGroups whole;

  private final Remains remains;
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
    this.whole = whole;
    remains = Remains.of(groups, whole);
    @Nullable Asked<Integer>[] floors = each(limits.floors(), (a, b) -> a.value > b.value ? a : b);
    @Nullable Asked<Sparsity>[] caps =
        each(limits.caps(), (a, b) -> a.value.compareTo(b.value) < 0 ? a : b);
    shares = each(limits.shares(), Bounds::same);
    most = new int[groups.groups().size()];
    reasons = new String[most.length];
    for (ChannelGroup group : groups.groups()) {
      int g = group.number();
      ChannelGroup before = remains.before(g);
      if (before == null) {
        reasons[g] = "they were no channels of the whole network";
        continue;
      }
      Asked<Integer> floor = floors[before.number()];
      Asked<Sparsity> cap = caps[before.number()];
      int keep = floor == null ? limits.floor(before.units().size()) : floor.value;
      Sparsity atMost = cap == null ? limits.maxRemoved() : cap.value;
      int left = remains.left(before);
      int byCap = (int) atMost.prune(before.free().size()) - remains.lost(before);
      int byFloor = left - Math.max(1, keep);
      // where fewer channels are coupled otherwise, a unit is less or more than one of the whole
      int own = Math.max(0, Math.min(byCap, byFloor)) * group.units().size() / left;
      most[g] = Math.min(group.free().size(), own);
      reasons[g] =
          byCap < byFloor
              ? "at most " + atMost + " of it may leave"
              : "at least " + Math.max(1, keep) + " stay";
    }
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

  /** The groups that were given a share for themselves, each with what it is to lose. */
  void eachShare(BiConsumer<Scope, Sparsity> action) {
    for (int w = 0; w < shares.length; w++) {
      Asked<Sparsity> share = shares[w];
      if (share != null) {
        action.accept(scope(new int[] {w}, false), share.value);
      }
    }
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
      free += before.free().size();
      lost += remains.lost(before);
      remains.now(w).forEach(group -> own.add(group.number()));
    }
    return new Scope(Ints.toArray(own), free, lost, exact);
  }

  /** Groups of the whole network that can lose channels and have no share of their own. */
  int[] others() {
    return IntStream.range(0, shares.length)
        .filter(w -> shares[w] == null && !whole.groups().get(w).free().isEmpty())
        .toArray();
  }
}
