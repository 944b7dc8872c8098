package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Clamp;

/** Makes layers of a graph's operators. */
final class Lowering {
  private final ModelGraph graph;
  private final LoweredTensors tensors;
  private final WeightLowering weights;
  private final PoolLowering pools;
  private final JoinLowering joins;
  private final Set<String> refused = new TreeSet<>();

  private Lowering(ModelGraph graph, Shape image, Function<GraphParameter, float[]> values) {
    this.graph = graph;
    this.tensors = new LoweredTensors(graph, image, values);
    this.weights = new WeightLowering(tensors);
    this.pools = new PoolLowering(tensors);
    this.joins = new JoinLowering(tensors);
  }

  /**
   * The layers of a graph.
   *
   * @param image shape of one image
   * @param weights values of a parameter, row-major
   * @throws IllegalArgumentException if it has operators that there is nothing for; names them
   */
  static LayerList lower(ModelGraph graph, Shape image, Function<GraphParameter, float[]> weights) {
    return new Lowering(graph, image, weights).run();
  }

  private LayerList run() {
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw LoweredTensors.refusal(
          "one input and one output", graph.inputs().size() + " and " + graph.outputs().size());
    }
    int input = graph.inputs().get(0);
    tensors.set(input, tensors.layers.value(tensors.shape(input)));
    for (GraphNode node : graph.nodes()) {
      if (node.outputs().stream().allMatch(t -> tensors.isApart(t)) && add(node)) {
        continue;
      }
      refused.add(node.operator().kind() + " (" + node.name() + ")");
      node.outputs().forEach(t -> tensors.set(t, tensors.layers.value(tensors.shapeOrOne(t))));
    }
    if (!refused.isEmpty()) {
      throw LoweredTensors.refusal(
          "convolutions, linear layers, pooling, activations, sums, products and joins",
          Problem.listed(List.copyOf(refused), 8));
    }
    Integer first = tensors.value(input);
    Integer last = tensors.value(graph.outputs().get(0));
    if (first == null || last == null) {
      throw new IllegalStateException("a graph without its ends");
    }
    return tensors.layers.finish(first, last);
  }

  /** Adds what a node does; false if there is nothing for it. */
  private boolean add(GraphNode node) {
    Operator operator = node.operator();
    if (operator instanceof Elementwise.Binary b) {
      return joins.addBinary(node, b);
    }
    Integer in = node.inputs().isEmpty() ? null : tensors.value(node.inputs().get(0));
    if (operator instanceof Joining.Concat c) {
      return joins.addConcat(node, c);
    }
    if (in == null) {
      return false;
    }
    int[] from = tensors.layers.shape(in);
    int[] to = tensors.shape(node.outputs().get(0));
    if (operator instanceof Layers.Dropout
        || operator instanceof Elementwise.Cast c && c.type() == DataType.FLOAT32
        || operator instanceof Elementwise.Unary u
            && u.function() == Elementwise.Function.STOP_GRADIENT) {
      tensors.set(node.outputs().get(0), in);
      return true;
    }
    if (operator instanceof Layers.Convolution c) {
      return c.stride().dimension() == 2 && weights.addConvolution(node, c, in, to);
    }
    if (operator instanceof Layers.Linear) {
      return weights.addLinear(node, in, from, to);
    }
    if (operator instanceof Layers.MatMul) {
      return weights.addProduct(node, in, from, to);
    }
    if (operator instanceof Layers.BatchNorm norm) {
      return weights.addBatchNorm(node, norm, in, to);
    }
    if (operator instanceof Pooling.Pool pool) {
      return pools.addPool(node, pool, in, to);
    }
    if (operator instanceof Pooling.GlobalPool pool) {
      return pools.addGlobal(node, pool, in, from, to);
    }
    if (operator instanceof Reductions.Reduce reduce) {
      return pools.addReduce(node, reduce, in, from, to);
    }
    return addFunction(node, in, to) || joins.addMoves(node, in, from);
  }

  private boolean addFunction(GraphNode node, int in, int[] to) {
    Functions.Form form = Functions.form(node.operator());
    if (form == null) {
      return false;
    }
    Clamp limits = form.clamp();
    if (form.function() == null && form.binary() == null && limits != null) {
      tensors.set(
          node.outputs().get(0), tensors.layers.clamp(in, tensors.layers.value(to), limits));
      return true;
    }
    Binary.Function binary = form.binary();
    if (binary != null) {
      return tensors.put(node, to, y -> new Layer.Count(in, y, binary, form.number(), Clamp.NONE));
    }
    return tensors.put(
        node, to, y -> new Layer.Apply(in, y, form.requireFunction(), form.number(), Clamp.NONE));
  }
}
