package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import com.google.common.collect.Multisets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * What is left of a whole network's groups in the network that has lost channels. Groups are known
 * again by the weights that make their channels: few channels may be coupled otherwise than many,
 * and then are of other groups, or none.
 */
final class Remains {
  private final ChannelGroups groups;
  private final ChannelGroups whole;

  /** By path of a parameter. */
  private final Map<String, Shape> shapes;

  private final Map<String, Shape> wholeShapes;

  /** Number of a group that the whole network has not. */
  private static final int NONE = -1;

  /** By group: its number in the whole network. */
  private final int[] wholeOf;

  /** By group of the whole network: how many of its units are left. */
  private final int[] left;

  /** An axis of a parameter. */
  private record Axis(String parameter, int axis) {
    static Axis of(Slice slice) {
      return new Axis(slice.parameter(), slice.axis());
    }

    /** Its length by the shapes of a network's parameters; 0 where there is none of the name. */
    long length(Map<String, Shape> shapes) {
      Shape shape = shapes.getOrDefault(parameter, new Shape());
      return axis < shape.dimension() ? shape.get(axis) : 0;
    }
  }

  /**
   * Of a network.
   *
   * @param groups of what is left
   * @param whole of the same network, or of what it was before
   * @throws IllegalArgumentException if they are of another network
   */
  Remains(ChannelGroups groups, ChannelGroups whole) {
    this.groups = groups;
    this.whole = whole;
    shapes = shapes(groups.graph());
    wholeShapes = shapes(whole.graph());
    Map<Axis, Integer> makers = new HashMap<>();
    for (ChannelGroup group : whole.groups()) {
      making(group).keySet().forEach(axis -> makers.put(axis, group.number()));
    }
    wholeOf = groups.groups().stream().mapToInt(group -> counterpart(group, makers)).toArray();
    left = whole.groups().stream().mapToInt(this::remaining).toArray();
  }

  private static Map<String, Shape> shapes(ModelGraph graph) {
    Map<String, Shape> shapes = new HashMap<>();
    graph.parameters().forEach(p -> shapes.put(p.path(), p.shape()));
    return shapes;
  }

  private int counterpart(ChannelGroup group, Map<Axis, Integer> makers) {
    Set<Axis> making = making(group).keySet();
    for (Axis axis : making) {
      if (axis.length(shapes) > axis.length(wholeShapes)) {
        throw Problem.argument(
            "shares of another network",
            "ChannelSelection.reference",
            "the network that this one was before it lost channels",
            "one without a group " + group.name() + " of that many channels",
            "pass the groups of the whole network");
      }
    }
    return making.stream()
        .filter(makers::containsKey)
        .mapToInt(makers::get)
        .findFirst()
        .orElse(NONE);
  }

  private int remaining(ChannelGroup before) {
    Map<Axis, Multiset<Integer>> making = making(before);
    Axis widest = List.copyOf(making.keySet()).get(0);
    for (Map.Entry<Axis, Multiset<Integer>> axis : making.entrySet()) {
      widest = axis.getValue().size() > making.get(widest).size() ? axis.getKey() : widest;
    }
    Multiset<Integer> sizes = making.get(widest);
    for (ChannelGroup group : now(before.number())) {
      Multiset<Integer> own = making(group).getOrDefault(widest, HashMultiset.create());
      if (!own.isEmpty() && Multisets.containsOccurrences(sizes, own)) {
        return group.units().size();
      }
    }
    // coupled otherwise: as many as would have so many positions
    long positions = widest.length(shapes) * sizes.size();
    long length = widest.length(wholeShapes);
    return Math.toIntExact((positions + length - 1) / length);
  }

  /** The axes that make a group's channels, and how many positions each unit has there. */
  private static Map<Axis, Multiset<Integer>> making(ChannelGroup group) {
    Map<Axis, Multiset<Integer>> making = new LinkedHashMap<>();
    for (ChannelUnit unit : group.units()) {
      for (Slice slice : unit.slices(Role.OUT)) {
        making
            .computeIfAbsent(Axis.of(slice), axis -> HashMultiset.create())
            .add(slice.positions().size());
      }
    }
    return making;
  }

  /** What has become of a group of the whole network; of a single channel, no group. */
  List<ChannelGroup> now(int number) {
    List<ChannelGroup> now = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      if (wholeOf[group.number()] == number) {
        now.add(group);
      }
    }
    return now;
  }

  /** What a group was in the whole network; null if its channels could not leave by themselves. */
  @Nullable ChannelGroup before(int group) {
    return wholeOf[group] == NONE ? null : whole.groups().get(wholeOf[group]);
  }

  /** How many units of a group of the whole network are left. */
  int left(ChannelGroup before) {
    return left[before.number()];
  }

  /** How many have left it. */
  int lost(ChannelGroup before) {
    return before.units().size() - left[before.number()];
  }
}
