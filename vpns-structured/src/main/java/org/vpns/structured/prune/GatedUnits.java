package org.vpns.structured.prune;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * The units of a network that prunable weights can shut off, and the slices where: all that read
 * the unit. Those gates suffice, for what is read by nobody is as good as removed, and they leave
 * the unit a gradient, which gates on its maker and on its readers together would not.
 *
 * <p>Of a unit that only a product of matrices reads, such as those of queries and keys, the first
 * maker whose bias is prunable or absent is gated instead, weight and bias: a factor of 0 is
 * enough.
 *
 * <p>A unit for which prunable weights do not suffice stays, and {@link #held} says why.
 *
 * @param groups the groups, whose free units are those that can be shut off
 * @param slices of each free unit, in their order, where it is shut off
 * @param held layers whose channels stay for that reason, and the reason
 */
record GatedUnits(ChannelGroups groups, List<List<Slice>> slices, Map<String, String> held) {
  GatedUnits {
    slices = ImmutableList.copyOf(slices);
    held = ImmutableMap.copyOf(held);
  }

  /**
   * Of a network.
   *
   * @param layout its prunable weights
   * @throws IllegalArgumentException if no unit can be shut off
   */
  static GatedUnits of(ModelGraph graph, ChannelRules rules, Layout layout) {
    Map<String, String> held = new TreeMap<>();
    ChannelRules now = rules;
    while (true) {
      ChannelGroups groups = ChannelGroups.of(graph, now);
      Gating gating = new Gating(graph, layout);
      List<List<Slice>> slices = groups.free().stream().map(gating::slices).toList();
      groups.groups().stream().filter(group -> !group.free().isEmpty()).forEach(gating::measured);
      if (gating.reasons.isEmpty()) {
        requireUnits(groups, held);
        return new GatedUnits(groups, slices, held);
      }
      for (String layer : gating.readers) {
        now = now.keepShape(layer);
      }
      for (String layer : gating.makers) {
        now = now.keepOutputs(layer);
      }
      held.putAll(gating.reasons);
    }
  }

  private static void requireUnits(ChannelGroups groups, Map<String, String> held) {
    if (groups.free().isEmpty()) {
      throw Problem.argument(
          "no channel that can be shut off",
          groups.groups().size() + " groups of channels",
          "at least 1 that prunable weights alone read",
          held.isEmpty() ? "all stay" : inWords(held),
          "let the recipe's filter and the rules leave the weights that read some");
    }
  }

  private static String inWords(Map<String, String> held) {
    return held.entrySet().stream()
        .map(entry -> entry.getKey() + ", " + entry.getValue())
        .collect(Collectors.joining("; "));
  }

  /** What stays because it cannot be shut off, in words; null if nothing does. */
  @Nullable String warning() {
    return held.isEmpty() ? null : "channels that cannot be shut off stay: " + inWords(held);
  }

  /** What a unit is called. */
  String name(ChannelUnit unit) {
    return "channel " + unit.number() + " of " + groups.groups().get(unit.group()).name();
  }

  /** Looks at units, and notes the layers that have to stay as they are. */
  private static final class Gating {
    private final ModelGraph graph;
    private final Layout layout;
    private final Map<String, String> reasons = new TreeMap<>();
    private final List<String> readers = new ArrayList<>();
    private final List<String> makers = new ArrayList<>();

    Gating(ModelGraph graph, Layout layout) {
      this.graph = graph;
      this.layout = layout;
    }

    void measured(ChannelGroup group) {
      if (!group.measured().isEmpty()) {
        makers.add(group.name());
        reasons.put(group.name(), "measured by " + String.join(", ", group.measured()));
      }
    }

    List<Slice> slices(ChannelUnit unit) {
      List<Slice> in = unit.slices(Role.IN);
      for (Slice slice : in) {
        if (!layout.contains(slice.parameter())) {
          readers.add(slice.parameter());
          reasons.put(slice.parameter(), "which reads them and is not prunable");
        }
      }
      return in.isEmpty() ? makersOf(unit) : in;
    }

    private List<Slice> makersOf(ChannelUnit unit) {
      List<Slice> out = unit.slices(Role.OUT);
      for (Slice slice : out) {
        List<Slice> all = new ArrayList<>(List.of(slice));
        all.addAll(biases(slice, unit));
        if (all.stream().allMatch(s -> layout.contains(s.parameter()))) {
          return all;
        }
      }
      GraphNode maker = reader(out.get(0));
      makers.add(maker.name());
      reasons.put(
          maker.name(), "which products of matrices alone read, and whose bias is not prunable");
      return List.of();
    }

    /** What is added to the rows of a weight, by its layer or right after it. */
    private List<Slice> biases(Slice rows, ChannelUnit unit) {
      GraphNode maker = reader(rows);
      Set<String> added =
          Stream.concat(
                  Stream.of(maker),
                  graph.readers(maker.outputs().get(0)).stream().map(ModelGraph.Reader::node))
              .flatMap(node -> node.inputs().stream())
              .map(t -> t == ModelGraph.ABSENT ? null : graph.parameterOf(t))
              .filter(p -> p != null)
              .map(GraphParameter::path)
              .collect(Collectors.toSet());
      return unit.slices().stream()
          .filter(slice -> slice.role() == Role.SHIFT || slice.role() == Role.OTHER)
          .filter(slice -> added.contains(slice.parameter()))
          .toList();
    }

    private GraphNode reader(Slice slice) {
      return graph.readers(graph.parameter(slice.parameter()).tensor()).get(0).node();
    }
  }
}
