package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;

/** Multiply-adds, as {@link org.vpns.graph.LayerTable} counts them. */
record MacsCost() implements LayerwiseCost {
  @Override
  public String name() {
    return "macs";
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public double of(GraphNode node, List<@Nullable Shape> inputs, List<Shape> outputs) {
    Problem.given(node, "LayerwiseCost.of", "node");
    Problem.given(inputs, "LayerwiseCost.of", "inputs");
    Problem.givenEach(outputs, "LayerwiseCost.of", "outputs");
    return node.operator().macs(inputs, outputs);
  }
}
