package org.vpns.structured.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;

/** Networks written down layer by layer, each reading what the one before makes. */
final class HandNetworks {
  private final NDManager manager;
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final Map<String, NDArray> arrays = new HashMap<>();
  private final Map<String, Integer> made = new HashMap<>();
  private final List<Integer> results = new ArrayList<>();
  private int last;

  private final DataType type;

  HandNetworks(NDManager manager, long... image) {
    this(manager, DataType.FLOAT32, image);
  }

  HandNetworks(NDManager manager, DataType type, long... image) {
    this.manager = manager;
    this.type = type;
    last = builder.input(new Shape(-1).addAll(new Shape(image)), type);
  }

  /** An array of the engine's own memory. */
  static NDArray array(NDManager manager, Shape shape, double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    try (NDArray borrowed = manager.create(floats, shape)) {
      return borrowed.duplicate();
    }
  }

  int parameter(String path, Parameter.Type use, Shape shape, double... values) {
    boolean trained = use != Parameter.Type.RUNNING_MEAN && use != Parameter.Type.RUNNING_VAR;
    arrays.put(path, array(manager, shape, values).toType(type, false));
    return builder.parameter(path, use, trained, shape, type);
  }

  HandNetworks layer(String name, Operator operator, int... parameters) {
    List<Integer> read = new ArrayList<>(List.of(last));
    Arrays.stream(parameters).forEach(read::add);
    last = builder.node(name, operator, read).get(0);
    made.put(name, last);
    return this;
  }

  /** A 1 x 1 convolution without bias. */
  HandNetworks conv(String name, int filters, int groups, double... weights) {
    Shape shape = new Shape(filters, weights.length / filters, 1, 1);
    Shape one = new Shape(1, 1);
    return layer(
        name,
        new Layers.Convolution(one, new Shape(0, 0), one, groups),
        parameter(name + ".weight", Parameter.Type.WEIGHT, shape, weights));
  }

  /** A linear layer without bias. */
  HandNetworks linear(String name, int units, double... weights) {
    Shape shape = new Shape(units, weights.length / units);
    int weight = parameter(name + ".weight", Parameter.Type.WEIGHT, shape, weights);
    return layer(name, new Layers.Linear(), weight, ModelGraph.ABSENT);
  }

  /** A batch norm of mean 0, variance 1 and shifts 0. */
  HandNetworks norm(String name, double... scales) {
    Shape shape = new Shape(scales.length);
    double[] zeros = new double[scales.length];
    double[] ones = new double[scales.length];
    Arrays.fill(ones, 1);
    return layer(
        name,
        new Layers.BatchNorm(1, 0.9f, 0),
        parameter(name + ".running_mean", Parameter.Type.RUNNING_MEAN, shape, zeros),
        parameter(name + ".running_var", Parameter.Type.RUNNING_VAR, shape, ones),
        parameter(name + ".weight", Parameter.Type.GAMMA, shape, scales),
        parameter(name + ".bias", Parameter.Type.BETA, shape, zeros));
  }

  /** A product with a weight that is turned first, as files of other frameworks have it. */
  HandNetworks transposedProduct(String name, int weight) {
    int turned =
        builder.node(name + ".turned", Shaping.Transpose.swapping(2, 0, 1), List.of(weight)).get(0);
    return layer(name, new Layers.MatMul(false), turned);
  }

  HandNetworks flatten() {
    return layer("flatten", new Shaping.Reshape(List.of(0L, -1L)));
  }

  HandNetworks globalPool() {
    return layer("pool", new Pooling.GlobalPool(Pooling.Kind.AVERAGE));
  }

  /** Some of what a layer makes, along its last axis, is a result too. */
  HandNetworks result(String layer, int from, int to) {
    Indexing.Range range = new Indexing.Range((long) from, (long) to, 1L, false);
    Indexing.Slice slice = new Indexing.Slice(List.of(Indexing.Range.ALL, range));
    results.add(builder.node(layer + ".part", slice, List.of(made.get(layer))).get(0));
    return this;
  }

  NetworkValues network() {
    results.add(0, last);
    return NetworkValues.of(builder.build(results), arrays);
  }

  /** Everything of a network that can leave. */
  static ChannelContext context(NetworkValues network) {
    return context(network, ChannelRules.standard());
  }

  static ChannelContext context(NetworkValues network, ChannelRules rules) {
    return ChannelContext.of(network, ChannelGroups.of(network.graph(), rules));
  }

  /** Scores of the first group's units that can leave. */
  static double[] first(ChannelScores scores) {
    return scores.groups().groups().get(0).free().stream().mapToDouble(scores::score).toArray();
  }

  /** Scores as an importance sums them up, of the first group. */
  static double[] plain(MemberImportance importance, ChannelContext context) {
    return first(importance.normaliser(Normaliser.NONE).score(context));
  }
}
