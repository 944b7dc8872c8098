package org.vpns.graph;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.vpns.Problem;
import org.vpns.graph.op.Operator;

/**
 * An operator at its place in a graph.
 *
 * @param name unique name: the path of the layer whose parameters it uses, else its kind and a
 *     counter
 * @param operator what it does
 * @param inputs numbers of the tensors that it reads; {@link ModelGraph#ABSENT} for an optional
 *     input that is not there
 * @param outputs numbers of the tensors that it makes
 */
public record GraphNode(
    String name, Operator operator, List<Integer> inputs, List<Integer> outputs) {
  /** Copies the lists. */
  public GraphNode {
    Problem.given(name, "new GraphNode", "name");
    Problem.given(operator, "new GraphNode", "operator");
    inputs = ImmutableList.copyOf(Problem.givenEach(inputs, "new GraphNode", "inputs"));
    outputs = ImmutableList.copyOf(Problem.givenEach(outputs, "new GraphNode", "outputs"));
  }
}
