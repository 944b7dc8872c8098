package org.vpns.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Pass;
import org.vpns.graph.trace.BlockTracer;

/** Runs a network's graph node by node under a rule that may run nodes otherwise. */
final class GraphRun {
  private final ModelGraph graph;

  /** What is done at a node. */
  interface Rule {
    /**
     * The node's outputs.
     *
     * @param index position of the node in the graph
     * @param inputs null where an optional one is absent
     */
    NDArray[] apply(int index, GraphNode node, @Nullable NDArray[] inputs, Pass pass);
  }

  private GraphRun(ModelGraph graph) {
    this.graph = graph;
  }

  /**
   * The graph of a block.
   *
   * @param input shape of one input, (channels, height, width)
   * @throws IllegalArgumentException if the block cannot be traced; a TorchScript module cannot
   */
  static GraphRun of(Block block, Shape input) {
    if (block instanceof SymbolBlock) {
      throw Problem.argument(
          "network without a graph",
          "TorchScript module",
          "a block of DJL, whose operators can be seen",
          block.getClass().getSimpleName(),
          "give the network as ONNX or as a block; SNIP and exact GraSP take modules");
    }
    return new GraphRun(BlockTracer.trace(block, input));
  }

  ModelGraph graph() {
    return graph;
  }

  /**
   * Arrays by number of tensor, for parameters and constants.
   *
   * @param block whose parameters' values are taken
   * @param parameter what a parameter's array becomes
   * @param constant what a constant becomes
   */
  @Nullable NDArray[] known(
      Block block, Parameters parameter, Function<GraphConstant, NDArray> constant) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      arrays.put(p.path(), p.parameter().getArray());
    }
    @Nullable NDArray[] known = new NDArray[graph.tensors().size()];
    for (GraphParameter p : graph.parameters()) {
      NDArray array = arrays.get(p.path());
      if (array == null) {
        throw new IllegalStateException("no parameter " + p.path());
      }
      known[p.tensor()] = parameter.of(p, array);
    }
    graph.constants().forEach(c -> known[c.tensor()] = constant.apply(c));
    return known;
  }

  /** What a parameter's array becomes. */
  interface Parameters {
    NDArray of(GraphParameter parameter, NDArray array);
  }

  /** The graph's outputs. */
  List<NDArray> run(@Nullable NDArray[] known, NDArray input, boolean training, Rule rule) {
    @Nullable NDArray[] values = known.clone();
    values[graph.inputs().get(0)] = input;
    Pass pass = new Pass(training, input.getShape().get(0), input.getManager());
    for (int n = 0; n < graph.nodes().size(); n++) {
      GraphNode node = graph.nodes().get(n);
      @Nullable NDArray[] in = new NDArray[node.inputs().size()];
      for (int i = 0; i < in.length; i++) {
        int tensor = node.inputs().get(i);
        in[i] = tensor == ModelGraph.ABSENT ? null : values[tensor];
      }
      NDArray[] out = rule.apply(n, node, in, pass);
      for (int i = 0; i < out.length; i++) {
        values[node.outputs().get(i)] = out[i];
      }
    }
    return graph.outputs().stream().map(t -> present(values[t])).toList();
  }

  /** An input that must be there. */
  static NDArray present(@Nullable NDArray array) {
    if (array == null) {
      throw new IllegalStateException("missing input of an operator");
    }
    return array;
  }
}
