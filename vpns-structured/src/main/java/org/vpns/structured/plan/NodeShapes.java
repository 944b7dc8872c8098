package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;

/**
 * What nodes read and make for one image.
 *
 * @param all of tensors, by number
 */
record NodeShapes(List<Shape> all) {
  static NodeShapes of(ModelGraph graph) {
    return new NodeShapes(graph.imageShapes());
  }

  /** Of a node's inputs, null for absent ones. */
  List<@Nullable Shape> inputs(GraphNode node) {
    List<@Nullable Shape> inputs = new ArrayList<>();
    node.inputs().forEach(t -> inputs.add(t == ModelGraph.ABSENT ? null : all.get(t)));
    return inputs;
  }

  /** Of a node's outputs. */
  List<Shape> outputs(GraphNode node) {
    return node.outputs().stream().map(all::get).toList();
  }
}
