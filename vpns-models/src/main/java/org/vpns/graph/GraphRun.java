package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.op.ForwardPass;

/**
 * Runs a graph: its nodes in order, each by its operator or by a {@link Rule} that does something
 * else. Immutable.
 */
public final class GraphRun {
  private final ModelGraph graph;
  private final ImmutableSet<Integer> results;
  private final Step[] steps;

  /** What is done at a node. */
  public interface Rule {
    /** What the node's operator does. */
    Rule OPERATORS = (node, inputs, pass) -> node.operator().apply(inputs, pass);

    /**
     * The node's outputs.
     *
     * @param inputs null where an optional one is absent
     */
    NDArray[] apply(GraphNode node, @Nullable NDArray[] inputs, ForwardPass pass);
  }

  /**
   * A node, ready to run.
   *
   * @param freed tensors that no later node reads and that are no result
   * @param attach whether its first input is a parameter or constant
   */
  private record Step(GraphNode node, int[] inputs, int[] outputs, int[] freed, boolean attach) {}

  private GraphRun(ModelGraph graph) {
    this.graph = graph;
    results = ImmutableSet.copyOf(graph.outputs());
    steps = graph.nodes().stream().map(this::step).toArray(Step[]::new);
  }

  /** Of a graph. */
  public static GraphRun of(ModelGraph graph) {
    return new GraphRun(graph);
  }

  private Step step(GraphNode node) {
    int[] in = ints(node.inputs());
    int[] out = ints(node.outputs());
    int[] freed =
        IntStream.concat(IntStream.of(in), IntStream.of(out))
            .distinct()
            .filter(t -> lastUse(t) == node && !results.contains(t))
            .toArray();
    boolean still = in.length > 0 && in[0] != ModelGraph.ABSENT && isStill(in[0]);
    return new Step(node, in, out, freed, still);
  }

  /** The last node that reads or makes a tensor; null for tensors that no node makes. */
  private @Nullable GraphNode lastUse(int tensor) {
    List<ModelGraph.Reader> readers = graph.readers(tensor);
    GraphNode maker = graph.maker(tensor);
    return maker == null || readers.isEmpty() ? maker : readers.get(readers.size() - 1).node();
  }

  private boolean isStill(int tensor) {
    return graph.parameterOf(tensor) != null || graph.constantOf(tensor) != null;
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * A network's outputs in evaluation mode, by its operators; arrays in between are given back
   * after their last reader.
   *
   * @param inputs as many as the graph has; their manager owns the outputs
   */
  public static NDList forward(NetworkValues network, NDList inputs) {
    NDManager manager = inputs.head().getManager();
    @Nullable NDArray[] known = network.byTensor((p, array) -> array, c -> c.toArray(manager));
    return of(network.graph()).run(known, inputs, false, Rule.OPERATORS, true);
  }

  /**
   * The outputs. Arrays in between stay open, for a backward pass, until the inputs' manager
   * closes.
   *
   * @param known arrays by number of tensor for parameters and constants, as {@link
   *     NetworkValues#byTensor} gives them
   * @param inputs as many as the graph has
   * @param training what operators are told of the pass
   * @throws IllegalArgumentException if the number of inputs is another
   */
  public NDList run(@Nullable NDArray[] known, NDList inputs, boolean training, Rule rule) {
    return run(known, inputs, training, rule, false);
  }

  NDList run(@Nullable NDArray[] known, NDList inputs, boolean training, Rule rule, boolean frees) {
    requireInputs(inputs);
    @Nullable NDArray[] values = known.clone();
    for (int i = 0; i < inputs.size(); i++) {
      values[graph.inputs().get(i)] = inputs.get(i);
    }
    NDArray first = inputs.head();
    ForwardPass pass = new ForwardPass(training, first.getShape().get(0), first.getManager());
    for (Step step : steps) {
      run(step, values, rule, pass);
      for (int t : frees ? step.freed : new int[0]) {
        array(values[t]).close();
      }
    }
    NDList result = new NDList();
    graph.outputs().forEach(t -> result.add(array(values[t])));
    return result;
  }

  void requireInputs(NDList inputs) {
    if (inputs.size() != graph.inputs().size()) {
      throw Problem.argument(
          "wrong number of inputs",
          "GraphBlock.forward",
          graph.inputs().size(),
          inputs.size(),
          "pass one array for each input");
    }
    for (int i = 0; i < inputs.size(); i++) {
      Shape declared = graph.tensor(graph.inputs().get(i)).shape();
      Shape found = inputs.get(i).getShape();
      if (declared.dimension() > 0
          && declared.get(0) != -1
          && (found.dimension() == 0 || found.get(0) != declared.get(0))) {
        throw Problem.argument(
            "another batch than the network's",
            "GraphBlock.forward, input " + i,
            declared,
            found,
            "this network was read for " + declared.get(0) + " images at a time and no others");
      }
      if (isTurned(declared, found)) {
        throw Problem.argument(
            "images with their channels first for a network that has them last",
            "GraphBlock.forward, input " + i,
            declared,
            found,
            "read its file by Onnx.open(file).channelsLast().read(), or begin the block with"
                + " transpose(0, 2, 3, 1)");
      }
    }
  }

  /** Whether images (height, width, channels) are wanted and (channels, height, width) found. */
  private static boolean isTurned(Shape declared, Shape found) {
    return declared.dimension() == 4
        && found.dimension() == 4
        && !declared.slice(1).equals(found.slice(1))
        && declared.slice(1).equals(new Shape(found.get(2), found.get(3), found.get(1)));
  }

  private static void run(Step step, @Nullable NDArray[] values, Rule rule, ForwardPass pass) {
    @Nullable NDArray[] in = new NDArray[step.inputs.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = step.inputs[i] == ModelGraph.ABSENT ? null : values[step.inputs[i]];
    }
    NDArray[] out = rule.apply(step.node, in, pass);
    for (int i = 0; i < out.length; i++) {
      // the engine gives a result to the owner of the first operand: for a weight, that is the
      // model, where it would stay for ever
      if (step.attach && out[i] != in[0]) {
        out[i].attach(pass.manager());
      }
      values[step.outputs[i]] = out[i];
    }
  }

  private static NDArray array(@Nullable NDArray array) {
    if (array == null) {
      throw new IllegalStateException("a tensor without an array");
    }
    return array;
  }
}
