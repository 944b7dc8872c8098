package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Layers;

/** One {@link BatchNormFolding}. */
final class FoldingWork {
  private final GraphBlock block;
  private final ModelGraph graph;
  private final Map<Integer, GraphNode> maker = new HashMap<>();
  private final Map<Integer, Integer> readers = new HashMap<>();
  private final Map<Integer, GraphParameter> parameters = new HashMap<>();
  private final Map<GraphNode, Pair> byLayer = new LinkedHashMap<>();
  private final Map<GraphNode, Pair> byNorm = new HashMap<>();
  private final Map<String, double[]> values = new HashMap<>();

  FoldingWork(GraphBlock block) {
    this.block = block;
    graph = block.graph();
    graph.parameters().forEach(p -> parameters.put(p.tensor(), p));
    for (GraphNode node : graph.nodes()) {
      node.outputs().forEach(t -> maker.put(t, node));
      node.inputs().forEach(t -> readers.merge(t, 1, Integer::sum));
    }
    graph.outputs().forEach(t -> readers.merge(t, 1, Integer::sum));
  }

  BatchNormFolding run(NDManager manager) {
    List<String> folded = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (GraphNode node : graph.nodes()) {
      if (node.operator() instanceof Layers.BatchNorm norm) {
        Pair pair = pair(node, norm);
        if (pair != null) {
          byLayer.put(pair.layer, pair);
          byNorm.put(node, pair);
        }
        (pair == null ? left : folded).add(node.name());
      }
    }
    GraphBlock result = GraphBlock.of(byNorm.isEmpty() ? graph : rewritten(), manager);
    Map<String, GraphParameter> old = new HashMap<>();
    graph.parameters().forEach(p -> old.put(p.path(), p));
    for (GraphParameter p : result.graph().parameters()) {
      double[] changed = values.get(p.path());
      GraphParameter before = old.get(p.path());
      if (changed != null) {
        set(result.array(p), changed);
      } else if (before != null) {
        block.array(before).copyTo(result.array(p));
      }
    }
    return new BatchNormFolding(result, folded, left);
  }

  /** The batch norm with its layer, or null if it must stay. */
  private @Nullable Pair pair(GraphNode node, Layers.BatchNorm norm) {
    int between = node.inputs().get(0);
    GraphNode layer = maker.get(between);
    if (layer == null || !once(between) || !takes(layer, norm, graph.tensor(between).shape())) {
      return null;
    }
    double[][] statistics = new double[5][];
    for (int i = 1; i < 5; i++) {
      statistics[i] = values(node.inputs().get(i));
      if (statistics[i] == null) {
        return null;
      }
    }
    int weightTensor = layer.inputs().get(1);
    int biasTensor = layer.inputs().size() > 2 ? layer.inputs().get(2) : ModelGraph.ABSENT;
    double[] weight = once(weightTensor) ? values(weightTensor) : null;
    int channels = statistics[1].length;
    double[] bias = biasTensor == ModelGraph.ABSENT ? new double[channels] : null;
    if (bias == null && once(biasTensor)) {
      bias = values(biasTensor);
    }
    if (weight == null || bias == null) {
      return null;
    }
    boolean finite = true;
    for (int c = 0; c < channels; c++) {
      double scale = statistics[3][c] / Math.sqrt(statistics[2][c] + norm.eps());
      int per = weight.length / channels;
      for (int i = c * per; i < (c + 1) * per; i++) {
        // a removed weight stays +0.0 under a negative scale
        weight[i] = weight[i] == 0 ? 0 : weight[i] * scale;
        finite &= Float.isFinite((float) weight[i]);
      }
      bias[c] = (bias[c] - statistics[1][c]) * scale + statistics[4][c];
      finite &= Double.isFinite(scale) && Float.isFinite((float) bias[c]);
    }
    return finite ? new Pair(layer, weight, bias) : null;
  }

  /** Whether the layer's channels are those that the batch norm scales. */
  private static boolean takes(GraphNode layer, Layers.BatchNorm norm, Shape between) {
    if (layer.operator() instanceof Layers.Convolution) {
      return norm.channelAxis() == 1;
    }
    return layer.operator() instanceof Layers.Linear
        && norm.channelAxis() == between.dimension() - 1;
  }

  private boolean once(int tensor) {
    return readers.getOrDefault(tensor, 0) == 1;
  }

  /** A parameter's values, or null if the tensor is none or of another type than floats. */
  private double @Nullable [] values(int tensor) {
    GraphParameter p = parameters.get(tensor);
    if (p == null) {
      return null;
    }
    NDArray array = block.array(p);
    if (p.dataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    if (p.dataType() != DataType.FLOAT32) {
      return null;
    }
    float[] floats = array.toFloatArray();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }

  private static void set(NDArray array, double[] values) {
    if (array.getDataType() == DataType.FLOAT64) {
      array.set(values);
      return;
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    array.set(floats);
  }

  /** The graph without the folded batch norms; remembers the new values. */
  private ModelGraph rewritten() {
    ModelGraph.Builder builder = ModelGraph.builder();
    GraphCopy copy = new GraphCopy(graph, builder);
    graph.inputs().forEach(copy::input);
    Set<Integer> needed = needed();
    graph.parameters().stream().filter(p -> needed.contains(p.tensor())).forEach(copy::parameter);
    graph.constants().forEach(copy::constant);
    Map<GraphNode, Integer> biases = new HashMap<>();
    byLayer.values().forEach(pair -> biases.put(pair.layer, bias(pair, copy, builder)));
    for (GraphNode node : graph.nodes()) {
      Pair pair = byNorm.get(node);
      if (pair != null) {
        copy.put(node.outputs().get(0), copy.of(pair.layer.outputs().get(0)));
        continue;
      }
      Integer bias = biases.get(node);
      if (bias == null) {
        copy.node(node);
      } else {
        List<Integer> inputs =
            List.of(copy.of(node.inputs().get(0)), copy.of(node.inputs().get(1)), bias);
        copy.put(
            node.outputs().get(0),
            builder.node(node.name(), node.operator(), inputs, graph.outputShapes(node)).get(0));
      }
    }
    return builder.build(graph.outputs().stream().map(copy::of).toList());
  }

  /** All parameters but those that folded batch norms alone read. */
  private Set<Integer> needed() {
    Set<Integer> gone = new HashSet<>();
    byNorm.keySet().forEach(norm -> gone.addAll(norm.inputs()));
    Set<Integer> needed = new HashSet<>(parameters.keySet());
    needed.removeAll(gone);
    for (GraphNode node : graph.nodes()) {
      if (!byNorm.containsKey(node)) {
        needed.addAll(node.inputs());
      }
    }
    needed.addAll(graph.outputs());
    return needed;
  }

  /** The layer's bias in the new graph, under its own name or one beside the weight's. */
  private int bias(Pair pair, GraphCopy copy, ModelGraph.Builder builder) {
    GraphNode layer = pair.layer;
    GraphParameter weight = parameter(layer.inputs().get(1));
    values.put(weight.path(), pair.weight);
    if (layer.inputs().size() > 2 && layer.inputs().get(2) != ModelGraph.ABSENT) {
      GraphParameter bias = parameter(layer.inputs().get(2));
      values.put(bias.path(), pair.bias);
      return copy.of(bias.tensor());
    }
    String path = weight.path().replaceFirst("(^|\\.)weight$", "$1bias");
    Set<String> taken = new HashSet<>(values.keySet());
    graph.parameters().forEach(p -> taken.add(p.path()));
    while (taken.contains(path)) {
      path += "_folded";
    }
    values.put(path, pair.bias);
    return builder.parameter(
        path, Parameter.Type.BIAS, true, new Shape(pair.bias.length), weight.dataType());
  }

  private GraphParameter parameter(int tensor) {
    GraphParameter p = parameters.get(tensor);
    if (p == null) {
      throw new IllegalStateException("tensor " + tensor + " is no parameter");
    }
    return p;
  }

  /** A layer that takes in a batch norm, and its new values. */
  private static final class Pair {
    final GraphNode layer;
    final double[] weight;
    final double[] bias;

    Pair(GraphNode layer, double[] weight, double[] bias) {
      this.layer = layer;
      this.weight = weight;
      this.bias = bias;
    }
  }
}
