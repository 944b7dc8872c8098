package org.vpns.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Copies parts of a graph into another one in the making. Tensors get new numbers; this knows which
 * became which.
 */
public final class GraphCopy {
  private static final int NOT_YET = -2;

  private final ModelGraph from;
  private final ModelGraph.Builder into;
  private final int[] numbers;

  /** Copies from a graph into a builder. */
  public GraphCopy(ModelGraph from, ModelGraph.Builder into) {
    this.from = from;
    this.into = into;
    numbers = new int[from.tensors().size()];
    Arrays.fill(numbers, NOT_YET);
  }

  /**
   * The whole graph, its parameters and constants under their names.
   *
   * @param inputs numbers, in the new graph, of the tensors that take the place of its inputs
   * @return numbers, in the new graph, of its outputs
   */
  public List<Integer> all(List<Integer> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      put(from.inputs().get(i), inputs.get(i));
    }
    from.parameters().forEach(this::parameter);
    from.constants().forEach(this::constant);
    from.nodes().forEach(this::node);
    return from.outputs().stream().map(this::of).toList();
  }

  /** Lets a new tensor stand for an old one. */
  public void put(int old, int number) {
    numbers[old] = number;
  }

  /**
   * The new number of an old tensor.
   *
   * @throws IllegalStateException if it has none yet
   */
  public int of(int old) {
    if (old == ModelGraph.ABSENT) {
      return ModelGraph.ABSENT;
    }
    if (numbers[old] == NOT_YET) {
      throw new IllegalStateException("tensor " + old + " is not copied yet");
    }
    return numbers[old];
  }

  /** Copies an input. */
  public void input(int tensor) {
    put(tensor, into.input(from.tensor(tensor).shape(), from.tensor(tensor).type()));
  }

  /** Copies a parameter. */
  public void parameter(GraphParameter p) {
    put(p.tensor(), into.parameter(p.path(), p.type(), p.trained(), p.shape(), p.dataType()));
  }

  /** Copies a constant. */
  public void constant(GraphConstant constant) {
    put(constant.tensor(), into.constant(constant));
  }

  /** Copies a node whose inputs are copied already. */
  public void node(GraphNode node) {
    List<Integer> inputs = node.inputs().stream().map(this::of).toList();
    List<Integer> made = into.node(node.name(), node.operator(), inputs, from.outputShapes(node));
    for (int i = 0; i < made.size(); i++) {
      put(node.outputs().get(i), made.get(i));
    }
  }
}
