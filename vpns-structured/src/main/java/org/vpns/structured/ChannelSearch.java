package org.vpns.structured;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.graph.width.Axes;
import org.vpns.internal.graph.width.Norms;
import org.vpns.internal.graph.width.Positions;
import org.vpns.internal.graph.width.WidthRules;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;
import org.vpns.structured.ChannelWidth.Place;

/**
 * Finds the groups of a graph. Every position of every parameter's axis gets a label; the rules of
 * the operators carry labels from node to node and unite those that must leave together. A class of
 * united labels that some layer makes is a unit; units along one axis that a layer makes are of a
 * group.
 */
final class ChannelSearch implements LabelledPositions.Notes {
  private final ModelGraph graph;
  private final ChannelRules rules;
  private final Labels labels = new Labels();
  private final Axes[] known;

  /** Tensors that follow from parameters and constants alone. */
  private final boolean[] still;

  private final List<WeightAxis> weights = new ArrayList<>();
  private final List<Staying> staying = new ArrayList<>();
  private final List<NamedAxis> measured = new ArrayList<>();
  private final Map<Integer, ChannelUnit> free = new HashMap<>(); // by root
  private int met;

  /** Labels of an axis, and what it is called. */
  private record NamedAxis(int[] labels, String name) {}

  /** Labels that stay, and why. */
  private record Staying(int[] labels, String reason) {}

  /** An axis of a parameter, and what nodes say that it is. */
  private static final class WeightAxis {
    final GraphParameter parameter;
    final int axis;
    final int[] labels;
    @Nullable GraphNode maker;
    int order;
    Positions.@Nullable Role role;

    WeightAxis(GraphParameter parameter, int axis, int[] labels) {
      this.parameter = parameter;
      this.axis = axis;
      this.labels = labels;
    }

    Role role() {
      if (role != null) {
        return Role.valueOf(role.name());
      }
      return switch (parameter.type()) {
        case GAMMA -> Role.SCALE;
        case BETA, BIAS -> Role.SHIFT;
        case RUNNING_MEAN, RUNNING_VAR -> Role.STATISTIC;
        default -> Role.OTHER;
      };
    }
  }

  /** What was found. */
  record Found(List<ChannelGroup> groups, List<ChannelWidth> widths) {}

  private ChannelSearch(ModelGraph graph, ChannelRules rules) {
    this.graph = graph;
    this.rules = rules;
    known = new Axes[graph.tensors().size()];
    still = new boolean[known.length];
  }

  static Found in(ModelGraph graph, ChannelRules rules) {
    ChannelSearch search = new ChannelSearch(graph, rules);
    search.walk();
    return search.found();
  }

  private void walk() {
    for (int t = 0; t < known.length; t++) {
      known[t] = Axes.whole(graph.tensor(t).shape().dimension());
      still[t] = graph.parameterOf(t) != null || graph.constantOf(t) != null;
    }
    for (GraphParameter p : graph.parameters()) {
      for (int axis = 0; axis < p.shape().dimension(); axis++) {
        int length = Math.toIntExact(p.shape().get(axis));
        if (length > 1) {
          WeightAxis weight = new WeightAxis(p, axis, labels.fresh(length));
          IntStream.range(0, length).forEach(i -> weights.add(weight));
          known[p.tensor()] = known[p.tensor()].with(axis, weight.labels);
        }
      }
    }
    requireReshapes();
    Norms norms =
        Norms.of(
            graph.nodes().stream()
                .map(n -> new Norms.Step(n.name(), n.operator(), n.inputs(), n.outputs()))
                .toList(),
            t -> graph.tensor(t).shape(),
            t -> t == ModelGraph.ABSENT || graph.constantOf(t) != null);
    for (GraphNode node : graph.nodes()) {
      List<Axes> in =
          node.inputs().stream()
              .map(t -> t == ModelGraph.ABSENT ? Axes.whole(0) : known[t])
              .toList();
      Positions positions =
          new LabelledPositions(labels, node, rules.axes().get(node.name()), norms, this);
      List<Axes> out =
          WidthRules.of(
                  node.operator(), positions, graph.inputShapes(node), in, graph.outputShapes(node))
              .outputs();
      boolean isStill = node.inputs().stream().allMatch(t -> t == ModelGraph.ABSENT || still[t]);
      for (int i = 0; i < out.size(); i++) {
        known[node.outputs().get(i)] = out.get(i);
        still[node.outputs().get(i)] = isStill;
      }
    }
  }

  private void requireReshapes() {
    rules
        .axes()
        .forEach(
            (name, axis) -> {
              GraphNode node = graph.node(name);
              Shape made = graph.outputShapes(node).get(0);
              boolean fits = axis >= 0 && axis < made.dimension();
              if (!fits || !(node.operator() instanceof Shaping.Reshape)) {
                throw Problem.argument(
                    "no axis for channels",
                    "ChannelRules.channelAxis, '" + name + "'",
                    "a reshape, and an axis of what it makes",
                    node.operator().kind() + " to " + made + ", axis " + axis,
                    "name a reshape, and count its axes from 0, the batch's");
              }
            });
  }

  @Override
  public void stay(int[] own, String reason) {
    staying.add(new Staying(own, reason));
  }

  @Override
  public void measured(int[] own, GraphNode node) {
    measured.add(new NamedAxis(own, node.name()));
  }

  @Override
  public void role(int[] own, GraphNode node, int input, Positions.Role role) {
    if (!still[node.inputs().get(input)]) {
      return;
    }
    for (int label : own) {
      WeightAxis weight = label == Labels.STAYS ? null : weights.get(label);
      // an axis that makes channels anywhere is one that makes channels
      if (weight != null && weight.role != Positions.Role.OUT && weight.role != role) {
        weight.role = role;
        weight.maker = node;
        weight.order = met++;
      }
    }
  }

  /** The nodes that are a layer or read parameters of it. */
  private List<GraphNode> layer(String name) {
    List<GraphNode> nodes =
        graph.nodes().stream()
            .filter(
                node ->
                    node.name().equals(name)
                        || node.inputs().stream()
                            .anyMatch(t -> t != ModelGraph.ABSENT && isOf(name, t)))
            .toList();
    if (nodes.isEmpty()) {
      throw Problem.argument(
          "no layer of this name",
          "ChannelRules",
          "the name of a node, or the beginning of parameters' paths",
          "'" + name + "'",
          "nodes are: " + Problem.listed(graph.nodes().stream().map(GraphNode::name).toList(), 12));
    }
    return nodes;
  }

  private boolean isOf(String layer, int tensor) {
    GraphParameter p = graph.parameterOf(tensor);
    return p != null && (p.path().equals(layer) || p.path().startsWith(layer + "."));
  }

  /** All that stays, what was asked for first. */
  private List<Staying> allStaying() {
    List<Staying> all = new ArrayList<>();
    for (String name : rules.outputs()) {
      String reason = "'" + name + "' keeps its outputs, as was asked for";
      layer(name).forEach(node -> node.outputs().forEach(t -> stays(all, t, reason)));
    }
    for (String name : rules.shapes()) {
      String reason = "'" + name + "' keeps its shape, as was asked for";
      for (GraphNode node : layer(name)) {
        node.inputs().stream()
            .filter(t -> t != ModelGraph.ABSENT && graph.parameterOf(t) != null)
            .forEach(t -> stays(all, t, reason));
      }
    }
    graph.outputs().forEach(t -> stays(all, t, "result of the network"));
    all.addAll(staying);
    return all;
  }

  private void stays(List<Staying> into, int tensor, String reason) {
    for (int d = 0; d < known[tensor].rank(); d++) {
      int[] axis = known[tensor].axis(d);
      if (axis != null) {
        into.add(new Staying(axis, reason));
      }
    }
  }

  /** Every axis with labels, by the first parameter or node that has it, and all its places. */
  private Map<NamedAxis, List<Place>> axes() {
    IdentityHashMap<int[], NamedAxis> named = new IdentityHashMap<>();
    Map<NamedAxis, List<Place>> axes = new LinkedHashMap<>();
    for (int t = 0; t < known.length; t++) {
      GraphParameter p = graph.parameterOf(t);
      GraphNode maker = graph.maker(t);
      String name = p != null ? p.path() : maker != null ? maker.name() : "input";
      for (int d = 0; d < known[t].rank(); d++) {
        int[] axis = known[t].axis(d);
        if (axis != null) {
          String own = name + "[" + d + "]";
          NamedAxis first = named.computeIfAbsent(axis, labels -> new NamedAxis(labels, own));
          axes.computeIfAbsent(first, a -> new ArrayList<>()).add(new Place(t, d));
        }
      }
    }
    return axes;
  }

  private int[] roots(int[] axis) {
    return Arrays.stream(axis).map(labels::find).toArray();
  }

  private Found found() {
    Map<Integer, String> reasons = new HashMap<>();
    for (Staying some : allStaying()) {
      for (int root : roots(some.labels)) {
        reasons.putIfAbsent(root, some.reason);
      }
    }
    Map<NamedAxis, List<Place>> axes = axes();
    for (NamedAxis axis : axes.keySet()) {
      int[] roots = roots(axis.labels);
      if (Arrays.stream(roots).distinct().count() == 1) {
        reasons.putIfAbsent(roots[0], "it is all of " + axis.name);
      }
    }
    List<ChannelGroup> groups = groups(reasons);
    return new Found(groups, widths(axes));
  }

  /** Axes whose weights make channels, in the order in which the network meets them. */
  private List<WeightAxis> making() {
    return weights.stream()
        .distinct()
        .filter(weight -> weight.role == Positions.Role.OUT)
        .sorted((a, b) -> Integer.compare(a.order, b.order))
        .toList();
  }

  private List<ChannelGroup> groups(Map<Integer, String> reasons) {
    Labels families = new Labels();
    families.fresh(labels.count());
    Map<Integer, String> makers = new LinkedHashMap<>(); // of units, in order
    for (WeightAxis weight : making()) {
      int[] roots = roots(weight.labels);
      GraphNode maker = weight.maker;
      for (int root : roots) {
        families.unite(roots[0], root);
        makers.putIfAbsent(root, maker == null ? weight.parameter.path() : maker.name());
      }
    }
    Map<Integer, List<Integer>> members = new LinkedHashMap<>();
    makers
        .keySet()
        .forEach(
            root -> members.computeIfAbsent(families.find(root), f -> new ArrayList<>()).add(root));
    Map<Integer, List<Slice>> slices = slices(makers.keySet());
    List<ChannelGroup> groups = new ArrayList<>();
    for (List<Integer> roots : members.values()) {
      int number = groups.size();
      List<ChannelUnit> units = new ArrayList<>();
      for (int root : roots) {
        List<Slice> own = slices.getOrDefault(root, List.of());
        ChannelUnit unit = new ChannelUnit(number, units.size(), own, reasons.get(root));
        units.add(unit);
        if (unit.isFree()) {
          free.put(root, unit);
        }
      }
      String name = makers.getOrDefault(roots.get(0), "");
      groups.add(new ChannelGroup(number, name, units, measuring(Set.copyOf(roots))));
    }
    return groups;
  }

  private List<String> measuring(Set<Integer> roots) {
    return measured.stream()
        .filter(axis -> Arrays.stream(roots(axis.labels)).anyMatch(roots::contains))
        .map(NamedAxis::name)
        .distinct()
        .toList();
  }

  private Map<Integer, List<Slice>> slices(Set<Integer> units) {
    Map<Integer, List<Slice>> slices = new HashMap<>();
    for (WeightAxis weight : new LinkedHashSet<>(weights)) {
      Map<Integer, List<Integer>> positions = new TreeMap<>();
      for (int i = 0; i < weight.labels.length; i++) {
        int root = labels.find(weight.labels[i]);
        if (units.contains(root)) {
          positions.computeIfAbsent(root, r -> new ArrayList<>()).add(i);
        }
      }
      positions.forEach(
          (root, own) ->
              slices
                  .computeIfAbsent(root, r -> new ArrayList<>())
                  .add(new Slice(weight.parameter.path(), weight.axis, weight.role(), own)));
    }
    return slices;
  }

  /** The axes that can lose something, those of equal content together. */
  private List<ChannelWidth> widths(Map<NamedAxis, List<Place>> axes) {
    Map<ImmutableIntArray, String> names = new LinkedHashMap<>();
    Map<ImmutableIntArray, List<Place>> places = new HashMap<>();
    axes.forEach(
        (axis, own) -> {
          int[] roots = roots(axis.labels);
          Arrays.sort(roots);
          ImmutableIntArray content = ImmutableIntArray.copyOf(roots);
          names.putIfAbsent(content, axis.name);
          places.computeIfAbsent(content, c -> new ArrayList<>()).addAll(own);
        });
    List<ChannelWidth> widths = new ArrayList<>();
    names.forEach(
        (content, name) -> {
          Map<ChannelUnit, Integer> positions = new LinkedHashMap<>();
          content.forEach(
              root -> {
                ChannelUnit unit = free.get(root);
                if (unit != null) {
                  positions.merge(unit, 1, Integer::sum);
                }
              });
          if (!positions.isEmpty()) {
            widths.add(
                new ChannelWidth(
                    name, content.length(), places.getOrDefault(content, List.of()), positions));
          }
        });
    return widths;
  }
}
