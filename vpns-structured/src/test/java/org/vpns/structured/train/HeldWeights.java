package org.vpns.structured.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.train.Regulariser;

/** Weights of a graph as plain arrays, and gradients that begin at zero. */
final class HeldWeights implements Regulariser.Gradients {
  private final ModelGraph graph;
  private final Map<String, float[]> weights = new LinkedHashMap<>();
  private final Map<String, float[]> gradients = new LinkedHashMap<>();

  HeldWeights(NetworkValues network) {
    graph = network.graph();
    for (GraphParameter p : graph.parameters()) {
      weights.put(p.path(), network.array(p).toFloatArray());
      if (p.trained()) {
        gradients.put(p.path(), new float[Math.toIntExact(p.shape().size())]);
      }
    }
  }

  /** Takes a parameter out of those that are trained. */
  void freeze(String path) {
    gradients.remove(path);
  }

  /** Values of a parameter, to be changed. */
  float[] weight(String path) {
    return weights.get(path);
  }

  /** What was added. */
  Map<String, float[]> gradients() {
    return gradients;
  }

  /** A regulariser's term for these. */
  Regulariser.Term begin(ChannelRegulariser<?> regulariser, ChannelRules rules) {
    return regulariser.begin(
        new TrainedGroups(graph, ChannelGroups.of(graph, rules), this, regulariser.describe()));
  }

  /** What a regulariser adds in its first step. */
  Map<String, float[]> added(ChannelRegulariser<?> regulariser, ChannelRules rules) {
    begin(regulariser, rules).add(this);
    return gradients;
  }

  @Override
  public List<String> paths() {
    return List.copyOf(gradients.keySet());
  }

  @Override
  public Shape shape(String path) {
    return graph.parameter(path).shape();
  }

  @Override
  public Parameter.Type type(String path) {
    return graph.parameter(path).type();
  }

  @Override
  public void read(String path, int from, float[] to, int length) {
    System.arraycopy(weights.get(path), from, to, 0, length);
  }

  @Override
  public Block block() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Shape inputShape() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void add(String path, int from, float[] amounts, int length) {
    for (int i = 0; i < length; i++) {
      gradients.get(path)[from + i] += amounts[i];
    }
  }
}
