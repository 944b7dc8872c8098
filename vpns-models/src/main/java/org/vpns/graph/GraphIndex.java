package org.vpns.graph;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.Map;
import java.util.stream.IntStream;
import org.vpns.Problem;
import org.vpns.graph.ModelGraph.Reader;

/** What a graph's look-ups answer from, by number of tensor or by name. */
record GraphIndex(
    ImmutableMap<Integer, GraphNode> makers,
    ImmutableListMultimap<Integer, Reader> readers,
    ImmutableMap<Integer, GraphParameter> parameters,
    ImmutableMap<Integer, GraphConstant> constants,
    ImmutableMap<String, GraphParameter> parameterByPath,
    ImmutableMap<String, GraphNode> nodeByName) {

  static GraphIndex of(ModelGraph graph) {
    ImmutableMap.Builder<Integer, GraphNode> makers = ImmutableMap.builder();
    ImmutableListMultimap.Builder<Integer, Reader> readers = ImmutableListMultimap.builder();
    for (GraphNode node : graph.nodes()) {
      node.outputs().forEach(t -> makers.put(t, node));
      IntStream.range(0, node.inputs().size())
          .forEach(i -> readers.put(node.inputs().get(i), new Reader(node, i)));
    }
    return new GraphIndex(
        makers.buildOrThrow(),
        readers.build(),
        Maps.uniqueIndex(graph.parameters(), GraphParameter::tensor),
        Maps.uniqueIndex(graph.constants(), GraphConstant::tensor),
        Maps.uniqueIndex(graph.parameters(), GraphParameter::path),
        Maps.uniqueIndex(graph.nodes(), GraphNode::name));
  }

  /** What bears a name. */
  static <T> T named(String kind, String name, Map<String, T> all) {
    T found = all.get(name);
    if (found == null) {
      throw Problem.argument(
          "no " + kind + " of this name",
          "ModelGraph." + kind,
          "one of " + all.size() + " names",
          "'" + name + "'",
          "names are: " + String.join(", ", all.keySet().stream().limit(12).toList()));
    }
    return found;
  }
}
