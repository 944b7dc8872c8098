package org.vpns.graph;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
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

  /**
   * Shapes of its inputs, null for absent ones.
   *
   * @param of the shape of a tensor by its number
   */
  public List<@Nullable Shape> inputShapes(IntFunction<@Nullable Shape> of) {
    Problem.given(of, "GraphNode.inputShapes", "of");
    List<@Nullable Shape> shapes = new ArrayList<>(inputs.size());
    inputs.forEach(t -> shapes.add(t == ModelGraph.ABSENT ? null : of.apply(t)));
    return shapes;
  }

  /**
   * Shapes of its outputs.
   *
   * @param of the shape of a tensor by its number
   */
  public List<Shape> outputShapes(IntFunction<Shape> of) {
    Problem.given(of, "GraphNode.outputShapes", "of");
    List<Shape> shapes = new ArrayList<>(outputs.size());
    outputs.forEach(t -> shapes.add(of.apply(t)));
    return shapes;
  }
}
