package org.vpns.structured.plan;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.vpns.Problem;
import org.vpns.Sparsity;
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
 * @param free how many of their channels could leave the whole network
 * @param lost how many of them have left already
 * @param exact whether fewer channels than asked for are an error; of a single group as many leave
 *     as can
 */
record Scope(int[] groups, int free, int lost, boolean exact) {
  /** How the groups of the whole network come into scopes. */
  interface Rule {
    /**
     * The scopes, which may come out without groups.
     *
     * @param whole the whole network
     * @param others its groups that can lose channels and have no share of their own
     */
    List<Scope> scopes(ChannelGroups whole, int[] others, Bounds bounds);
  }

  /** How many more channels are to leave for a share. */
  int leaving(Sparsity share) {
    return Math.max(0, (int) share.prune(free) - lost);
  }

  /** Each by itself. */
  static List<Scope> local(ChannelGroups whole, int[] others, Bounds bounds) {
    return Arrays.stream(others).mapToObj(w -> bounds.scope(new int[] {w}, false)).toList();
  }

  /** All in one. */
  static List<Scope> global(ChannelGroups whole, int[] others, Bounds bounds) {
    return List.of(bounds.scope(others, true));
  }

  /** Those of the same layers in the same order. */
  static List<Scope> isomorphic(ChannelGroups whole, int[] others, Bounds bounds) {
    ModelGraph graph = whole.graph();
    Map<String, Integer> turns = new HashMap<>();
    graph.nodes().forEach(node -> turns.put(node.name(), turns.size()));
    Map<List<String>, List<Integer>> alike = new LinkedHashMap<>();
    for (int w : others) {
      alike
          .computeIfAbsent(layers(whole.groups().get(w), graph, turns), l -> new ArrayList<>())
          .add(w);
    }
    return alike.values().stream().map(some -> bounds.scope(Ints.toArray(some), true)).toList();
  }

  /**
   * Kinds of layers, and what the group is to them, in the order in which the network reads them;
   * biases and statistics follow from those.
   */
  private static List<String> layers(
      ChannelGroup group, ModelGraph graph, Map<String, Integer> turns) {
    Map<Place, String> layers =
        new TreeMap<>(
            Comparator.comparingInt(Place::turn)
                .thenComparingInt(Place::input)
                .thenComparingInt(Place::axis));
    for (ChannelUnit unit : group.units()) {
      for (Slice slice : unit.slices()) {
        if (slice.role() != ChannelUnit.Role.SHIFT && slice.role() != ChannelUnit.Role.STATISTIC) {
          GraphParameter parameter = graph.parameter(slice.parameter());
          ModelGraph.Reader reader = graph.readers(parameter.tensor()).get(0);
          layers.put(
              new Place(turns.getOrDefault(reader.node().name(), 0), reader.input(), slice.axis()),
              reader.node().operator().kind() + " " + slice.role());
        }
      }
    }
    return List.copyOf(layers.values());
  }

  /** Which node reads an axis first, and as which of its inputs. */
  private record Place(int turn, int input, int axis) {}

  /** Those that somebody named together; the others each by itself. */
  static List<Scope> together(
      List<? extends List<String>> named, ChannelGroups whole, int[] others, Bounds bounds) {
    Map<Integer, String> taken = new LinkedHashMap<>();
    List<Scope> scopes = new ArrayList<>();
    for (List<String> layers : named) {
      Set<Integer> own = new TreeSet<>();
      for (String layer : layers) {
        for (int w : Bounds.groupsOf(layer, whole)) {
          if (own.add(w)) {
            String other = taken.put(w, layer);
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
      own.retainAll(Ints.asList(others));
      scopes.add(bounds.scope(Ints.toArray(own), true));
    }
    for (int w : others) {
      if (!taken.containsKey(w)) {
        scopes.add(bounds.scope(new int[] {w}, false));
      }
    }
    return scopes;
  }
}
