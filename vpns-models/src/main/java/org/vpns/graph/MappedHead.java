package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.network.Sines;

/**
 * A network without the rows of its head that stand for no class. They get no gradient, so whoever
 * learns scores with decay prunes them at no cost, and magnitudes keep them for nothing; without
 * them no method has that advantage over another. Its outputs are the mapped ones of the network,
 * in the order of the classes.
 *
 * <p>The head is the layer that makes the outputs, linear or a convolution, with a weight of its
 * own and a row per output.
 *
 * @param network the new network; all but its head are the given one's arrays
 * @param mapping the label mapping of its outputs
 * @param path path of the head's weight
 * @param removed rows that are gone
 */
public record MappedHead(NetworkValues network, LabelAssignment mapping, String path, int removed) {
  /** No part may be null. */
  public MappedHead {
    Problem.given(network, "new MappedHead", "network");
    Problem.given(mapping, "new MappedHead", "mapping");
    Problem.given(path, "new MappedHead", "path");
  }

  /** Largest difference of the outputs kept, relative to the largest: float32 sums reordered. */
  private static final double TOLERANCE = 1e-4;

  /**
   * Removes the rows.
   *
   * @param network the network; it stays as it is
   * @param mapping which of its outputs stand for the classes
   * @param manager owner of the new head
   * @throws IllegalArgumentException if the mapping is of another network, or the outputs are not
   *     made by a layer with a row for each
   */
  public static MappedHead of(NetworkValues network, LabelAssignment mapping, NDManager manager) {
    Problem.given(network, "MappedHead.of", "network");
    Problem.given(mapping, "MappedHead.of", "mapping");
    Problem.given(manager, "MappedHead.of", "manager");
    ModelGraph graph = network.graph();
    Head head = head(graph, mapping.sources());
    List<Integer> rows =
        IntStream.range(0, mapping.targets())
            .boxed()
            .flatMap(target -> mapping.sourcesOf(target).stream())
            .toList();
    NetworkValues narrow = narrowed(network, head.node(), Ints.toArray(rows), manager);
    requireSame(network, narrow, rows);
    int[][] assigned = mapping.toArray();
    int next = 0;
    for (int[] sources : assigned) {
      for (int i = 0; i < sources.length; i++) {
        sources[i] = next++;
      }
    }
    return new MappedHead(
        narrow,
        LabelAssignment.of(rows.size(), assigned, mapping.reduction()),
        head.weight().path(),
        mapping.sources() - rows.size());
  }

  /** The layer that makes the outputs. */
  private record Head(GraphNode node, GraphParameter weight) {}

  private static Head head(ModelGraph graph, int outputs) {
    GraphNode node = graph.maker(graph.outputs().get(0));
    while (node != null && !isLayer(node)) {
      node = node.inputs().isEmpty() ? null : graph.maker(node.inputs().get(0));
    }
    GraphParameter weight = node == null ? null : graph.parameterOf(node.inputs().get(1));
    if (node == null || weight == null || weight.shape().get(0) != outputs) {
      throw Problem.argument(
          "no head with a row for each output",
          "MappedHead.of",
          "a linear layer or convolution with " + outputs + " outputs of its own",
          node == null ? "none" : node.name() + (weight == null ? "" : " " + weight.shape()),
          "pass the label mapping of this network");
    }
    return new Head(node, weight);
  }

  private static boolean isLayer(GraphNode node) {
    return node.operator() instanceof Layers.Linear
        || (node.operator() instanceof Layers.Convolution convolution && convolution.groups() == 1);
  }

  /** The network with some rows of its head. */
  private static NetworkValues narrowed(
      NetworkValues network, GraphNode head, int[] rows, NDManager manager) {
    GraphEditor editor = GraphEditor.of(network);
    for (int tensor : head.inputs().subList(1, head.inputs().size())) {
      GraphParameter own = network.graph().parameterOf(tensor);
      if (own != null) {
        editor.narrow(own, 0, rows);
      }
    }
    return editor.apply(manager);
  }

  private static void requireSame(NetworkValues network, NetworkValues narrow, List<Integer> rows) {
    ModelGraph graph = network.graph();
    Shape shape = graph.tensor(graph.inputs().get(0)).shape();
    NDArray first = network.array(graph.parameters().get(0));
    try (NDManager manager = first.getManager().newSubManager()) {
      long[] dimensions = shape.getShape().clone();
      dimensions[0] = 2;
      NDArray input = Sines.of(manager, new Shape(dimensions), 0.37);
      input.attach(manager);
      float[] wide = outputs(network, input);
      float[] kept = outputs(narrow, input);
      int outputs = wide.length / 2;
      double largest = 0;
      double difference = kept.length == 2 * rows.size() ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < kept.length && difference < Double.POSITIVE_INFINITY; i++) {
        float expected = wide[i / rows.size() * outputs + rows.get(i % rows.size())];
        largest = Math.max(largest, Math.abs(expected));
        difference = Math.max(difference, Math.abs(expected - kept[i]));
      }
      if (!(difference <= TOLERANCE * Math.max(largest, 1))) {
        throw Problem.argument(
            "outputs are more than rows of a head",
            "MappedHead.of",
            "the same values for the outputs that stay",
            "a difference of " + difference,
            "use a network whose last layer makes its outputs");
      }
    }
  }

  private static float[] outputs(NetworkValues network, NDArray input) {
    try (NDList result = GraphRun.forward(network, new NDList(input))) {
      return result.head().toFloatArray();
    }
  }
}
