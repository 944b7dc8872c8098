package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.graph.op.Layers;

/**
 * A network without the rows of its head that stand for no class. They get no gradient, so whoever
 * learns scores with decay prunes them at no cost, and magnitudes keep them for nothing; without
 * them no method has that advantage over another. Its outputs are the mapped ones of the network,
 * in the order of the classes.
 *
 * <p>The head is the layer that makes the outputs, linear or a convolution, with a weight of its
 * own and a row per output.
 *
 * @param block the new network, with values of its own
 * @param mapping the label mapping of its outputs
 * @param path path of the head's weight
 * @param removed rows that are gone
 */
public record MappedHead(GraphBlock block, LabelAssignment mapping, String path, int removed) {
  /** Largest difference of the outputs kept, relative to the largest: float32 sums reordered. */
  private static final double TOLERANCE = 1e-4;

  /**
   * Removes the rows.
   *
   * @param block the network; it stays as it is
   * @param mapping which of its outputs stand for the classes
   * @param manager owner of the new network's values
   * @throws IllegalArgumentException if the mapping is of another network, or the outputs are not
   *     made by a layer with a row for each
   */
  public static MappedHead of(GraphBlock block, LabelAssignment mapping, NDManager manager) {
    ModelGraph graph = block.graph();
    GraphNode head = head(graph, mapping.sources());
    List<Integer> rows =
        IntStream.range(0, mapping.targets())
            .boxed()
            .flatMap(target -> mapping.sourcesOf(target).stream())
            .toList();
    GraphBlock narrow = GraphBlock.of(narrowed(graph, head, rows.size()), manager);
    fill(narrow, block, rows.stream().mapToLong(Integer::longValue).toArray());
    requireSame(block, narrow, rows);
    int[][] assigned = mapping.toArray();
    int next = 0;
    for (int[] sources : assigned) {
      for (int i = 0; i < sources.length; i++) {
        sources[i] = next++;
      }
    }
    GraphParameter weight = weight(graph, head);
    return new MappedHead(
        narrow,
        LabelAssignment.of(rows.size(), assigned, mapping.reduction()),
        weight == null ? head.name() : weight.path(),
        mapping.sources() - rows.size());
  }

  private static GraphNode head(ModelGraph graph, int outputs) {
    Map<Integer, GraphNode> maker = new HashMap<>();
    graph.nodes().forEach(node -> node.outputs().forEach(t -> maker.put(t, node)));
    GraphNode node = maker.get(graph.outputs().get(0));
    while (node != null && !isLayer(node)) {
      node = maker.get(node.inputs().get(0));
    }
    GraphParameter weight = node == null ? null : weight(graph, node);
    if (node == null || weight == null || weight.shape().get(0) != outputs) {
      throw Problem.argument(
          "no head with a row for each output",
          "MappedHead.of",
          "a linear layer or convolution with " + outputs + " outputs of its own",
          node == null ? "none" : node.name() + (weight == null ? "" : " " + weight.shape()),
          "pass the label mapping of this network");
    }
    return node;
  }

  private static boolean isLayer(GraphNode node) {
    return node.operator() instanceof Layers.Linear
        || (node.operator() instanceof Layers.Convolution convolution && convolution.groups() == 1);
  }

  private static @Nullable GraphParameter weight(ModelGraph graph, GraphNode node) {
    return graph.parameterOf(node.inputs().get(1));
  }

  private static ModelGraph narrowed(ModelGraph graph, GraphNode head, int rows) {
    ModelGraph.Builder builder = ModelGraph.builder();
    GraphCopy copy = new GraphCopy(graph, builder);
    graph.inputs().forEach(copy::input);
    List<Integer> own = head.inputs().subList(1, head.inputs().size());
    for (GraphParameter p : graph.parameters()) {
      if (own.contains(p.tensor())) {
        Shape shape = new Shape(rows).addAll(p.shape().slice(1));
        copy.put(
            p.tensor(), builder.parameter(p.path(), p.type(), p.trained(), shape, p.dataType()));
      } else {
        copy.parameter(p);
      }
    }
    graph.constants().forEach(copy::constant);
    boolean behind = false;
    for (GraphNode node : graph.nodes()) {
      behind |= node.equals(head);
      if (behind) {
        // shapes from here on are other ones
        List<Integer> inputs = node.inputs().stream().map(copy::of).toList();
        List<Integer> made = builder.node(node.name(), node.operator(), inputs);
        for (int i = 0; i < made.size(); i++) {
          copy.put(node.outputs().get(i), made.get(i));
        }
      } else {
        copy.node(node);
      }
    }
    return builder.build(graph.outputs().stream().map(copy::of).toList());
  }

  private static void fill(GraphBlock narrow, GraphBlock from, long[] rows) {
    Map<String, NDArray> arrays = new HashMap<>();
    from.graph().parameters().forEach(p -> arrays.put(p.path(), from.array(p)));
    for (GraphParameter p : narrow.graph().parameters()) {
      NDArray target = narrow.array(p);
      NDArray source = arrays.get(p.path());
      if (source == null) {
        throw new IllegalStateException(p.path());
      }
      try (NDArray plain = source.stopGradient()) {
        if (plain.getShape().equals(target.getShape())) {
          plain.copyTo(target);
        } else {
          target.set(rows(plain.toFloatArray(), Math.toIntExact(plain.getShape().get(0)), rows));
        }
      }
    }
  }

  private static float[] rows(float[] values, int of, long[] rows) {
    int width = values.length / of;
    float[] chosen = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, (int) rows[i] * width, chosen, i * width, width);
    }
    return chosen;
  }

  private static void requireSame(GraphBlock block, GraphBlock narrow, List<Integer> rows) {
    ModelGraph graph = block.graph();
    Shape shape = graph.tensor(graph.inputs().get(0)).shape();
    NDArray first = block.array(graph.parameters().get(0));
    try (NDManager manager = first.getManager().newSubManager()) {
      long[] dimensions = shape.getShape().clone();
      dimensions[0] = 2;
      NDArray input =
          manager.arange(0f, new Shape(dimensions).size(), 1f).mul(0.37f).sin().reshape(dimensions);
      input.attach(manager);
      float[] wide = outputs(block, manager, input);
      float[] kept = outputs(narrow, manager, input);
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

  private static float[] outputs(GraphBlock block, NDManager manager, NDArray input) {
    ParameterStore store = new ParameterStore(manager, false);
    try (NDList result = block.forward(store, new NDList(input), false)) {
      return result.head().toFloatArray();
    }
  }
}
