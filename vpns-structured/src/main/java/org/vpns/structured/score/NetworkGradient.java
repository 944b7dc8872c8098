package org.vpns.structured.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.KeptNumber;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.network.GradientGate;

/**
 * The gradient of a loss with respect to all parameters of a network, in evaluation mode, summed
 * over batches. Parameters are read where they lie, under handles of their own that gather the
 * gradients: the network's own arrays keep theirs.
 */
final class NetworkGradient implements AutoCloseable {
  private final NetworkValues network;
  private final GraphRun run;
  private final Loss loss;
  private final LabelAssignment mapping;
  private final NDManager manager;
  private final Map<String, NDArray> leaves = new LinkedHashMap<>();

  NetworkGradient(NetworkValues network, Loss loss, LabelAssignment mapping) {
    this.network = network;
    this.loss = loss;
    this.mapping = mapping;
    run = GraphRun.of(network.graph());
    GraphParameter first =
        network.graph().parameters().stream()
            .findFirst()
            .orElseThrow(
                () ->
                    Problem.argument(
                        "network without parameters",
                        "ChannelContext.gradient",
                        "at least 1",
                        0,
                        "score a network that has some"));
    manager = network.array(first).getManager().newSubManager();
    try {
      network.graph().parameters().forEach(p -> leaves.put(p.path(), leaf(p)));
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  private NDArray leaf(GraphParameter p) {
    NDArray leaf = network.array(p).stopGradient();
    leaf.attach(manager);
    if (isDerived(p)) {
      leaf.setRequiresGradient(true);
    }
    return leaf;
  }

  private static boolean isDerived(GraphParameter p) {
    return p.dataType().isFloating()
        && p.type() != Parameter.Type.RUNNING_MEAN
        && p.type() != Parameter.Type.RUNNING_VAR;
  }

  /** Adds a share of the gradient of a batch's mean loss. */
  void add(NDArray inputs, NDArray labels, double share) {
    try (NDScope arrays = new NDScope();
        NDManager scope = manager.newSubManager();
        GradientCollector collector = GradientGate.open(manager)) {
      arrays.suppressNotUsedWarning();
      NDArray logits =
          run.run(known(scope), new NDList(borrowed(inputs, scope)), false, GraphRun.Rule.OPERATORS)
              .head();
      NDArray mean =
          loss.evaluate(new NDList(borrowed(labels, scope)), new NDList(mapping.apply(logits)));
      collector.backward(KeptNumber.product(mean, (float) share));
    }
  }

  private @Nullable NDArray[] known(NDManager scope) {
    return network.byTensor(
        (p, array) -> leaves.getOrDefault(p.path(), array), (GraphConstant c) -> c.toArray(scope));
  }

  private NDArray borrowed(NDArray array, NDManager scope) {
    NDArray handle = array.stopGradient();
    handle.attach(scope);
    return handle;
  }

  /** What was summed, by path. */
  Map<String, float[]> values() {
    Map<String, float[]> values = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      NDArray leaf = leaves.get(p.path());
      if (leaf != null && isDerived(p)) {
        try (NDArray gradient = leaf.getGradient()) {
          values.put(p.path(), floats(gradient));
        }
      }
    }
    return values;
  }

  /** All entries as floats. */
  static float[] floats(NDArray array) {
    if (array.getDataType() == DataType.FLOAT32) {
      return array.toFloatArray();
    }
    try (NDArray floats = array.toType(DataType.FLOAT32, true)) {
      return floats.toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
