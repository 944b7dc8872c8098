package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.vpns.Sparsity;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;

/** Names, and the order in which a graph is declared, say nothing of its channels. */
class GroupOrderTest {
  @Property(tries = 15)
  void groups_ofTheSameGraph_declaredOtherwise_areTheSame(@ForAll long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ModelGraph graph = RandomGraphs.of(seed, manager).graph();
      Random random = new Random(seed);
      ModelGraph other = declaredOtherwise(graph, random, random::nextInt);
      assertThat(other).isNotEqualTo(graph);
      assertThat(described(ChannelGroups.of(other))).isEqualTo(described(ChannelGroups.of(graph)));
    }
  }

  @Property(tries = 40)
  void likeLayers_ofTheSameGraph_whoseParametersStandOtherwise_areTheSame(@ForAll long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ModelGraph graph = RandomGraphs.of(seed, manager).graph();
      Random random = new Random(seed);
      ModelGraph other = declaredOtherwise(graph, random, waiting -> 0);
      assertThat(leaving(other)).isEqualTo(leaving(graph));
    }
  }

  /** What leaves where groups of like layers are ranked together, by scores of slices' names. */
  private static Set<Set<String>> leaving(ModelGraph graph) {
    ChannelScores scores =
        ChannelScores.of(
            ChannelGroups.of(graph), unit -> new Random(slices(unit).hashCode()).nextDouble());
    return ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.5)))
        .isomorphic()
        .leaving(scores)
        .stream()
        .map(GroupOrderTest::slices)
        .collect(Collectors.toSet());
  }

  private static Set<String> slices(ChannelUnit unit) {
    return unit.slices().stream()
        .map(slice -> slice.toString().replaceFirst("^net\\.", "") + unit.isFree())
        .collect(Collectors.toSet());
  }

  /**
   * The same nodes in another order that is possible, the same parameters in another, renamed.
   *
   * @param next which node comes next, of so many that can
   */
  private static ModelGraph declaredOtherwise(
      ModelGraph graph, Random random, IntUnaryOperator next) {
    ModelGraph.Builder builder = ModelGraph.builder();
    Map<Integer, Integer> made = new HashMap<>();
    made.put(ModelGraph.ABSENT, ModelGraph.ABSENT);
    graph
        .inputs()
        .forEach(t -> made.put(t, builder.input(graph.tensor(t).shape(), graph.tensor(t).type())));
    List<GraphParameter> parameters = new ArrayList<>(graph.parameters());
    Collections.shuffle(parameters, random);
    for (GraphParameter p : parameters) {
      made.put(
          p.tensor(),
          builder.parameter("net." + p.path(), p.type(), p.trained(), p.shape(), p.dataType()));
    }
    List<GraphNode> waiting = new ArrayList<>(graph.nodes());
    while (!waiting.isEmpty()) {
      List<GraphNode> ready =
          waiting.stream().filter(node -> made.keySet().containsAll(node.inputs())).toList();
      GraphNode node = ready.get(next.applyAsInt(ready.size()));
      waiting.remove(node);
      List<Integer> read = node.inputs().stream().map(made::get).toList();
      List<Integer> outputs = builder.node("do " + node.name(), node.operator(), read);
      for (int i = 0; i < outputs.size(); i++) {
        made.put(node.outputs().get(i), outputs.get(i));
      }
    }
    return builder.build(graph.outputs().stream().map(made::get).toList());
  }

  /** Groups of units of slices, in no order and with the names of the first graph. */
  private static Set<Set<Set<String>>> described(ChannelGroups groups) {
    Set<Set<Set<String>>> all = new HashSet<>();
    for (ChannelGroup group : groups.groups()) {
      all.add(group.units().stream().map(GroupOrderTest::slices).collect(Collectors.toSet()));
    }
    return all;
  }
}
