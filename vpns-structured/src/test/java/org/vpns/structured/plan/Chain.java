package org.vpns.structured.plan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;

/** A network for 3 x 4 x 4 images, layer after layer, with weights 0.01, 0.02, ... */
final class Chain {
  private final NDManager manager;
  private final DataType type;
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final Map<String, NDArray> arrays = new HashMap<>();
  private int last;
  private long width = 3;

  private Chain(NDManager manager, DataType type) {
    this.manager = manager;
    this.type = type;
    last = builder.input(new Shape(-1, 3, 4, 4), type);
  }

  static Chain of(NDManager manager) {
    return new Chain(manager, DataType.FLOAT32);
  }

  static Chain of(NDManager manager, DataType type) {
    return new Chain(manager, type);
  }

  /** Convolutions conv1, conv2, ... of these widths, and a linear layer of 5 classes. */
  static NetworkValues convolutions(NDManager manager, int... widths) {
    Chain chain = of(manager);
    for (int i = 0; i < widths.length; i++) {
      chain.conv("conv" + (i + 1), widths[i], 1);
    }
    return chain.network();
  }

  private int weight(String path, long... shape) {
    Shape own = new Shape(shape);
    arrays.put(path, manager.arange(1, own.size() + 1, 1, type).mul(0.01).reshape(own));
    return builder.parameter(path, Parameter.Type.WEIGHT, true, own, type);
  }

  private int node(String name, Operator operator, Integer... read) {
    return builder.node(name, operator, List.of(read)).get(0);
  }

  /** The last tensor, to be added later. */
  int now() {
    return last;
  }

  Chain conv(String name, int filters, int groups) {
    int weight = weight(name + ".weight", filters, width / groups, 3, 3);
    Shape one = new Shape(1, 1);
    last = node(name, new Layers.Convolution(one, one, one, groups), last, weight);
    width = filters;
    return this;
  }

  Chain add(String name, int tensor) {
    last = node(name, new Elementwise.Binary(Elementwise.Pair.ADD), last, tensor);
    return this;
  }

  Chain relu(String name) {
    last = node(name, new Elementwise.Unary(Elementwise.Function.RELU), last);
    return this;
  }

  /** The network, after a mean over space and a linear layer of 5 classes. */
  NetworkValues network() {
    int mean = node("mean", new Pooling.GlobalPool(Pooling.Kind.AVERAGE), last);
    int result = node("fc", new Layers.Linear(), mean, weight("fc.weight", 5, width));
    return NetworkValues.of(builder.build(List.of(result)), arrays);
  }
}
