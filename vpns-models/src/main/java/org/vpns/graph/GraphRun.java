package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.function.BiConsumer;
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
    Rule OPERATORS =
        (node, inputs, pass) ->
            Problem.givenEach(
                node.operator().apply(inputs, pass), node.name(), "what Operator.apply gives");

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
    Problem.given(graph, "GraphRun.of", "graph");
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
    Problem.given(network, "GraphRun.forward", "network");
    Problem.given(inputs, "GraphRun.forward", "inputs");
    NDManager manager = inputs.head().getManager();
    @Nullable NDArray[] known = network.byTensor((p, array) -> array, c -> c.toArray(manager));
    return of(network.graph()).run(known, inputs, false, Rule.OPERATORS, true);
  }

  /**
   * Runs a network on several batches at once, node by node, in evaluation mode.
   *
   * @param batches inputs, as many of each as the graph has; their managers own the arrays
   * @param watch is given each node with what it made of each batch, before a later node reads it;
   *     what it puts into those arrays is read instead
   */
  public static void sideBySide(
      NetworkValues network, List<NDList> batches, BiConsumer<GraphNode, List<NDArray[]>> watch) {
    Problem.given(network, "GraphRun.sideBySide", "network");
    Problem.givenEach(batches, "GraphRun.sideBySide", "batches");
    Problem.given(watch, "GraphRun.sideBySide", "watch");
    GraphRun run = of(network.graph());
    List<Pass> passes =
        batches.stream()
            .map(
                inputs -> {
                  NDManager manager = inputs.head().getManager();
                  return run.begin(
                      network.byTensor((p, array) -> array, c -> c.toArray(manager)),
                      inputs,
                      false);
                })
            .toList();
    for (Step step : run.steps) {
      List<NDArray[]> made =
          passes.stream().map(pass -> result(step, pass, Rule.OPERATORS)).toList();
      watch.accept(step.node, made);
      for (int i = 0; i < passes.size(); i++) {
        put(step, passes.get(i), made.get(i));
        free(step, passes.get(i));
      }
    }
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
    Problem.given(known, "GraphRun.run", "known");
    Problem.given(inputs, "GraphRun.run", "inputs");
    Problem.given(rule, "GraphRun.run", "rule");
    return run(known, inputs, training, rule, false);
  }

  NDList run(@Nullable NDArray[] known, NDList inputs, boolean training, Rule rule, boolean frees) {
    Pass pass = begin(known, inputs, training);
    for (Step step : steps) {
      put(step, pass, result(step, pass, rule));
      if (frees) {
        free(step, pass);
      }
    }
    NDList result = new NDList();
    graph.outputs().forEach(t -> result.add(array(pass.values[t])));
    return result;
  }

  /** A pass under way: arrays by number of tensor, as far as they are there. */
  private record Pass(@Nullable NDArray[] values, ForwardPass told) {}

  private Pass begin(@Nullable NDArray[] known, NDList inputs, boolean training) {
    requireInputs(inputs);
    @Nullable NDArray[] values = known.clone();
    for (int i = 0; i < inputs.size(); i++) {
      values[graph.inputs().get(i)] = inputs.get(i);
    }
    NDArray first = inputs.head();
    return new Pass(values, new ForwardPass(training, first.getShape().get(0), first.getManager()));
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

  private static NDArray[] result(Step step, Pass pass, Rule rule) {
    @Nullable NDArray[] in = new NDArray[step.inputs.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = step.inputs[i] == ModelGraph.ABSENT ? null : pass.values[step.inputs[i]];
    }
    NDArray[] out =
        Problem.givenEach(
            rule.apply(step.node, in, pass.told),
            step.node.name(),
            "what GraphRun.Rule.apply gives");
    if (out.length != step.outputs.length) {
      throw Problem.argument(
          "wrong number of outputs",
          "node '" + step.node.name() + "', " + step.node.operator().kind(),
          step.outputs.length,
          out.length,
          "make an array for each shape that Operator.outputShapes gives");
    }
    for (NDArray made : out) {
      // the engine gives a result to the owner of the first operand: for a weight, that is the
      // model, where it would stay for ever
      if (step.attach && made != in[0]) {
        made.attach(pass.told.manager());
      }
    }
    return out;
  }

  private static void put(Step step, Pass pass, NDArray[] out) {
    for (int i = 0; i < out.length; i++) {
      pass.values[step.outputs[i]] = out[i];
    }
  }

  private static void free(Step step, Pass pass) {
    for (int t : step.freed) {
      array(pass.values[t]).close();
    }
  }

  private static NDArray array(@Nullable NDArray array) {
    if (array == null) {
      throw new IllegalStateException("a tensor without an array");
    }
    return array;
  }
}
