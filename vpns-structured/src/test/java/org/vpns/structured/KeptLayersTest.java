package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;

/**
 * A layer that is to stay keeps the channels without which it would be another, and no more: those
 * whose removal changes what it makes, or what it holds, told by removing each.
 */
class KeptLayersTest {
  @Property(tries = 12)
  void layers_ofARandomGraph_keepWhatTheyNeedAlone(@ForAll long seed) {
    check(seed);
  }

  @Tag("slow")
  @Property(tries = 300)
  void layers_ofManyRandomGraphs_keepWhatTheyNeedAlone(@ForAll long seed) {
    check(seed);
  }

  private static void check(long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ModelGraph graph = RandomGraphs.of(seed, manager).graph();
      ChannelGroups all = ChannelGroups.of(graph);
      Map<ChannelUnit, ModelGraph> without =
          all.free().stream().collect(Collectors.toMap(u -> u, u -> all.without(List.of(u))));
      for (String name : graph.nodes().stream().map(GraphNode::name).toList()) {
        requireKept(
            all,
            without,
            name,
            rules -> rules.keepOutputs(name),
            "'" + name + "' keeps its outputs, as was asked for",
            KeptLayersTest::made);
        requireKept(
            all,
            without,
            name,
            rules -> rules.keepShape(name),
            "'" + name + "' keeps its shape, as was asked for",
            KeptLayersTest::held);
      }
    }
  }

  private static void requireKept(
      ChannelGroups all,
      Map<ChannelUnit, ModelGraph> without,
      String name,
      UnaryOperator<ChannelRules> kept,
      String reason,
      BiFunction<ModelGraph, Set<String>, List<Object>> shapes) {
    ChannelGroups some = ChannelGroups.of(all.graph(), kept.apply(ChannelRules.standard()));
    Set<String> layer =
        all.graph().nodes().stream()
            .filter(node -> isOf(all.graph(), node, name))
            .map(GraphNode::name)
            .collect(Collectors.toSet());
    List<Object> before = shapes.apply(all.graph(), layer);
    for (ChannelUnit unit : all.free()) {
      ChannelUnit now = some.groups().get(unit.group()).units().get(unit.number());
      boolean needs = !shapes.apply(without.get(unit), layer).equals(before);
      assertThat(now.slices()).isEqualTo(unit.slices());
      assertThat(now.stays()).as("%s, %s", reason, unit).isEqualTo(needs ? reason : null);
    }
  }

  /** A node, or one that reads parameters of it. */
  private static boolean isOf(ModelGraph graph, GraphNode node, String layer) {
    return node.name().equals(layer)
        || parameters(graph, node).stream().anyMatch(p -> p.path().startsWith(layer + "."));
  }

  private static List<GraphParameter> parameters(ModelGraph graph, GraphNode node) {
    return node.inputs().stream()
        .filter(t -> t != ModelGraph.ABSENT && graph.parameterOf(t) != null)
        .map(graph::parameterOf)
        .toList();
  }

  private static List<Object> made(ModelGraph graph, Set<String> layer) {
    List<Object> shapes = new ArrayList<>();
    layer.forEach(name -> shapes.addAll(graph.outputShapes(graph.node(name))));
    return shapes;
  }

  private static List<Object> held(ModelGraph graph, Set<String> layer) {
    List<Object> shapes = new ArrayList<>();
    layer.forEach(
        name ->
            parameters(graph, graph.node(name))
                .forEach(parameter -> shapes.add(parameter.shape())));
    return shapes;
  }
}
