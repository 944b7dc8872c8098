package org.vpns.structured.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * Groups whose units are ranked together.
 *
 * @param groups their numbers, rising
 * @param exact whether fewer units than asked for are an error; of a single group as many leave as
 *     can
 */
record Scope(int[] groups, boolean exact) {
  /** How groups come into scopes. */
  interface Rule {
    /** Of those of a network that have no share of their own. */
    List<Scope> scopes(ChannelGroups groups, int[] others);
  }

  /** Each by itself. */
  static List<Scope> local(ChannelGroups groups, int[] others) {
    return Arrays.stream(others).mapToObj(g -> new Scope(new int[] {g}, false)).toList();
  }

  /** All in one. */
  static List<Scope> global(ChannelGroups groups, int[] others) {
    return others.length == 0 ? List.of() : List.of(new Scope(others, true));
  }

  /** Those of the same layers in the same order. */
  static List<Scope> isomorphic(ChannelGroups groups, int[] others) {
    Map<List<String>, List<Integer>> alike = new LinkedHashMap<>();
    for (int g : others) {
      alike
          .computeIfAbsent(layers(groups.groups().get(g), groups.graph()), l -> new ArrayList<>())
          .add(g);
    }
    return alike.values().stream().map(Scope::of).toList();
  }

  private static Scope of(List<Integer> groups) {
    return new Scope(groups.stream().mapToInt(g -> g).toArray(), true);
  }

  /** Kinds of layers, and what the group is to them; biases and statistics follow from those. */
  private static List<String> layers(ChannelGroup group, ModelGraph graph) {
    Map<String, String> layers = new LinkedHashMap<>();
    for (ChannelUnit unit : group.units()) {
      for (Slice slice : unit.slices()) {
        if (slice.role() != ChannelUnit.Role.SHIFT && slice.role() != ChannelUnit.Role.STATISTIC) {
          GraphParameter parameter = graph.parameter(slice.parameter());
          GraphNode reader = graph.readers(parameter.tensor()).get(0).node();
          layers.put(
              slice.parameter() + slice.axis(), reader.operator().kind() + " " + slice.role());
        }
      }
    }
    return List.copyOf(layers.values());
  }

  /** Those that somebody named together; the others each by itself. */
  static List<Scope> together(
      List<? extends List<String>> named, ChannelGroups groups, int[] others) {
    Map<Integer, String> taken = new LinkedHashMap<>();
    List<Scope> scopes = new ArrayList<>();
    for (List<String> layers : named) {
      List<Integer> own = new ArrayList<>();
      for (String layer : layers) {
        for (int g : Bounds.groupsOf(layer, groups)) {
          if (!own.contains(g)) {
            own.add(g);
            String other = taken.put(g, layer);
            if (other != null) {
              throw Problem.argument(
                  "group in two scopes",
                  "'" + other + "' and '" + layer + "'",
                  "one scope for channels that leave together",
                  "two",
                  "name them in one, or one of them");
            }
          }
        }
      }
      own.removeIf(g -> Arrays.stream(others).noneMatch(o -> o == g));
      own.sort(null);
      if (!own.isEmpty()) {
        scopes.add(of(own));
      }
    }
    for (int g : others) {
      if (!taken.containsKey(g)) {
        scopes.add(new Scope(new int[] {g}, false));
      }
    }
    return scopes;
  }
}
