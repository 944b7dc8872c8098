package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;

/**
 * Parameters and multiply-adds per layer, dense and without removed weights. Counted are the
 * multiply-adds of convolutions, linear layers and products of matrices, for one image, those with
 * padding included; layers without parameters and multiply-adds have no row. Prints as a table.
 */
public final class LayerTable {
  private final ImmutableList<LayerCost> layers;

  private LayerTable(List<LayerCost> layers) {
    this.layers = ImmutableList.copyOf(layers);
  }

  /** Of a network with all its weights. */
  public static LayerTable of(ModelGraph graph) {
    Problem.given(graph, "LayerTable.of", "graph");
    return count(graph, p -> p.shape().size());
  }

  /**
   * Of a network whose weights outside of masks are removed.
   *
   * @throws IllegalArgumentException if a mask's shape is not that of its parameter
   */
  public static LayerTable of(ModelGraph graph, MaskSet masks) {
    Problem.given(graph, "LayerTable.of", "graph");
    Problem.given(masks, "LayerTable.of", "masks");
    return count(
        graph,
        p -> {
          if (!masks.asMap().containsKey(p.path())) {
            return p.shape().size();
          }
          if (!masks.get(p.path()).shape().equals(p.shape())) {
            throw Problem.argument(
                "mask shape differs from parameter",
                p.path(),
                p.shape(),
                masks.get(p.path()).shape(),
                "use the masks of this network");
          }
          return masks.get(p.path()).kept();
        });
  }

  /** Of a network as it is: a weight of 0.0 counts as removed; biases and norms count in full. */
  public static LayerTable of(NetworkValues network) {
    Problem.given(network, "LayerTable.of", "network");
    return count(
        network.graph(),
        p -> {
          if (p.type() != Parameter.Type.WEIGHT) {
            return p.shape().size();
          }
          try (NDArray zeros = network.array(p).eq(0);
              NDArray count = zeros.countNonzero()) {
            return p.shape().size() - count.getLong();
          }
        });
  }

  private static LayerTable count(ModelGraph graph, ToLongFunction<GraphParameter> keptOf) {
    List<LayerCost> layers = new ArrayList<>();
    Set<Integer> counted = new HashSet<>();
    ImageShapes shapes = ImageShapes.of(graph);
    WeightOrigin origin = new WeightOrigin(graph);
    for (GraphNode node : graph.nodes()) {
      long parameters = 0;
      long kept = 0;
      for (int tensor : node.inputs()) {
        GraphParameter p = graph.parameterOf(tensor);
        if (p != null
            && p.type() != Parameter.Type.RUNNING_MEAN
            && p.type() != Parameter.Type.RUNNING_VAR
            && counted.add(tensor)) {
          parameters += p.shape().size();
          kept += keptOf.applyAsLong(p);
        }
      }
      long macs = shapes.macs(node);
      if (parameters > 0 || macs > 0) {
        GraphParameter weight = macs > 0 ? weight(node, origin) : null;
        long keptMacs =
            weight == null ? macs : macs / weight.shape().size() * keptOf.applyAsLong(weight);
        layers.add(
            new LayerCost(
                node.name(),
                node.operator().kind(),
                shapes.withoutImages(node.outputs().get(0)),
                parameters,
                kept,
                macs,
                keptMacs));
      }
    }
    return new LayerTable(layers);
  }

  /** The parameter whose zeros save multiply-adds, each as many; null if there is none. */
  private static @Nullable GraphParameter weight(GraphNode node, WeightOrigin origin) {
    for (int i = 0; i < node.inputs().size(); i++) {
      GraphParameter p = node.operator().sharesMacs(i) ? origin.of(node.inputs().get(i)) : null;
      if (p != null) {
        return p;
      }
    }
    return null;
  }

  /** The layers in execution order. */
  public List<LayerCost> layers() {
    return layers;
  }

  /** Number of parameters, without statistics. */
  public long parameters() {
    return layers.stream().mapToLong(LayerCost::parameters).sum();
  }

  /** Number of parameters that are not removed. */
  public long kept() {
    return layers.stream().mapToLong(LayerCost::kept).sum();
  }

  /** Multiply-adds for one image. */
  public long macs() {
    return layers.stream().mapToLong(LayerCost::macs).sum();
  }

  /** Multiply-adds for one image without those with removed weights. */
  public long keptMacs() {
    return layers.stream().mapToLong(LayerCost::keptMacs).sum();
  }

  @Override
  public String toString() {
    List<LayerCost> costs = new ArrayList<>(layers);
    costs.add(new LayerCost("total", "", new Shape(), parameters(), kept(), macs(), keptMacs()));
    List<List<String>> rows = new ArrayList<>();
    for (LayerCost cost : costs) {
      rows.add(
          List.of(
              cost.name(),
              cost.kind(),
              cost.output().dimension() == 0 ? "" : cost.output().toString(),
              Texts.count(cost.parameters()),
              Texts.count(cost.kept()),
              Texts.count(cost.macs()),
              Texts.count(cost.keptMacs())));
    }
    return Texts.plainTable(
        List.of("<layer", "<kind", "<output", "parameters", "kept", "MACs", "kept MACs"), rows);
  }
}
