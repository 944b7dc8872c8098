package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import com.google.common.collect.Multisets;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.vpns.Problem;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** Groups of a whole network, known again in what is left by the weights that make them. */
final class Recognition {
  private final ChannelGroups groups;

  /** By path of a parameter. */
  private final Map<String, Shape> shapes;

  private final Map<String, Shape> wholeShapes;

  /** By group: its number in the whole network, or {@link Remains#NONE}. */
  final int[] wholeOf;

  /** By group of the whole network: how many of its units are left. */
  final int[] left;

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
   * @throws IllegalArgumentException if they are of another network
   */
  Recognition(ChannelGroups groups, ChannelGroups whole) {
    this.groups = groups;
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
        .orElse(Remains.NONE);
  }

  private int remaining(ChannelGroup before) {
    Map.Entry<Axis, Multiset<Integer>> making =
        Collections.max(
            making(before).entrySet(), Comparator.comparingInt(axis -> axis.getValue().size()));
    Axis widest = making.getKey();
    Multiset<Integer> sizes = making.getValue();
    for (ChannelGroup group : groups.groups()) {
      if (wholeOf[group.number()] != before.number()) {
        continue;
      }
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
}
