package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.ExactTrials.Trial;
import org.vpns.internal.network.ImageComparison;
import org.vpns.internal.network.ImageComparison.Difference;
import org.vpns.internal.network.ImageComparison.Layout;
import org.vpns.internal.network.Jumps;

/**
 * Shows that a network gives each image of a batch what it gives the image alone. Fixed sizes in
 * reshapes, or sums over the first axis, mix images without a word; training and evaluation would
 * then depend on which images happen to share a batch.
 *
 * <p>Every node is looked at, since later ones may hide what an earlier one mixes. A node that
 * gives all images the same, or nearly, as a gate that is shut for all of them does, would hide
 * what later ones mix: those are given random numbers in its place. So are weights that are zero,
 * which training may wake. Truth values and integers are looked at by {@link ExactTrials} besides.
 */
final class ImagesApart {
  private static final int IMAGES = 3;

  /** Of the largest number: images that differ less would hide mixing in what rounding may do. */
  private static final double NEARLY_SAME = 10 * ImageComparison.TOLERANCE;

  private final Set<Integer> results;
  private final int images;
  private final List<Integer> alone;
  private final Function<GraphNode, String> where;
  private final IntFunction<DataType> types;
  private final ImagePlaces places;
  private final ExactTrials exact;
  private final ImageComparison comparison = new ImageComparison();
  private final Random random = new Random(5);
  private boolean hasReplaced;

  /**
   * @param shapes of the values, by number; -1 for what follows from the batch
   * @param types their element types
   * @param results numbers of the network's results
   * @param images of the batch
   * @param alone positions of those that run alone as well
   * @param where what messages call a node
   */
  ImagesApart(
      IntFunction<Shape> shapes,
      IntFunction<DataType> types,
      Collection<Integer> results,
      int images,
      List<Integer> alone,
      Function<GraphNode, String> where) {
    this.where = where;
    this.results = ImmutableSet.copyOf(results);
    this.images = images;
    this.alone = List.copyOf(alone);
    this.types = types;
    places = new ImagePlaces(shapes, images);
    exact = new ExactTrials(places, types, images, alone);
  }

  /** Makes inputs for a number of images. */
  interface Inputs {
    /** Random ones. */
    NDList of(int images);
  }

  /**
   * @param where what messages call a node
   * @throws IllegalArgumentException if images change each other; the message names the node
   */
  static void require(NetworkValues network, Inputs inputs, Function<GraphNode, String> where) {
    NDList batch = inputs.of(IMAGES);
    List<NDList> batches = new ArrayList<>(List.of(batch));
    List<Integer> each = IntStream.range(0, IMAGES).boxed().toList();
    for (int i : each) {
      NDIndex image = new NDIndex().addSliceDim(i, i + 1);
      batches.add(new NDList(batch.stream().map(array -> array.get(image)).toList()));
    }
    ModelGraph graph = network.graph();
    ImagesApart apart =
        new ImagesApart(
            tensor -> graph.tensor(tensor).shape(),
            tensor -> graph.tensor(tensor).type(),
            graph.outputs(),
            IMAGES,
            each,
            where);
    try (NDManager scope = batch.head().getManager().newSubManager()) {
      GraphRun.sideBySide(awake(network, scope), batches, apart::check);
    }
  }

  /** The same network without weights that are zero. */
  private static NetworkValues awake(NetworkValues network, NDManager scope) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      arrays.put(p.path(), AwakeWeights.of(network.array(p), p.type(), scope));
    }
    return NetworkValues.of(network.graph(), arrays);
  }

  /**
   * Looks at a node that has just run.
   *
   * @param made of the batch, then of the images that run alone; numbers of its own are put there
   *     for images that have nearly the same ones
   * @throws IllegalArgumentException if images change each other; the message names the node
   */
  void check(GraphNode node, List<NDArray[]> made) {
    if (!exact.concern(node, made.get(0))) {
      check(node, made, List.of());
      return;
    }
    try (NDManager scope = made.get(0)[0].getManager().newSubManager()) {
      check(node, made, exact.of(node, scope, made.get(0)));
    }
  }

  private void check(GraphNode node, List<NDArray[]> made, List<Trial> trials) {
    for (int i = 0; i < node.outputs().size(); i++) {
      int tensor = node.outputs().get(i);
      NDArray together = made.get(0)[i];
      boolean isResult = results.contains(tensor);
      if (Jumps.may(node.operator().kind(), typesOfImages(node), together.getDataType())) {
        decideAlike(node, i, made);
      }
      Layout layout = layout(node, i, isResult, made, trials);
      places.put(tensor, together.getShape(), layout);
      if (!isResult && together.getDataType().isFloating()) {
        tellApart(tensor, i, made, layout);
      }
    }
  }

  private List<DataType> typesOfImages(GraphNode node) {
    return node.inputs().stream().filter(places::holdImages).map(types::apply).toList();
  }

  /**
   * Lets images alone have what they have in the batch. What is compared was shown to be alike, up
   * to rounding; which of two sides that are equal but for rounding is larger shows no mixing.
   */
  private void decideAlike(GraphNode node, int output, List<NDArray[]> made) {
    NDArray together = made.get(0)[output];
    Layout layout = places.asAllRead(node, node.outputs().get(output), together.getShape());
    for (int i = 1; layout != null && i < made.size(); i++) {
      NDArray own =
          ImageComparison.partOtherThan(made.get(i)[output], together, alone.get(i - 1), layout);
      if (own != null) {
        made.get(i)[output] = own;
        hasReplaced = true;
      }
    }
  }

  /** Whether a node was given other numbers than it made. */
  boolean hasReplaced() {
    return hasReplaced;
  }

  /** How the images lie in what a node made, each as it is alone. */
  private Layout layout(
      GraphNode node, int output, boolean isResult, List<NDArray[]> made, List<Trial> trials) {
    int tensor = node.outputs().get(output);
    NDArray together = made.get(0)[output];
    List<NDArray> each =
        made.subList(1, made.size()).stream().map(arrays -> arrays[output]).toList();
    // results must be alike by their own numbers
    List<Integer> reads = isResult ? List.of() : node.inputs();
    @Nullable Difference nearest = null;
    for (Layout layout : places.possible(node, tensor, together.getShape())) {
      Difference difference = exact.difference(trials, output, layout);
      if (difference == null) {
        difference = comparison.compare(reads, tensor, together, alone, each, layout);
      }
      if (difference == null) {
        return layout;
      }
      if (nearest == null || difference.difference() < nearest.difference()) {
        nearest = difference;
      }
    }
    Difference difference =
        nearest == null
            ? new Difference(0, Double.POSITIVE_INFINITY, ImageComparison.largest(together))
            : nearest;
    throw Problem.argument(
        "images of a batch change each other",
        where.apply(node),
        difference.expected(),
        difference.found(),
        "let sizes that follow from the batch be -1 and leave the first axis to the images"
            + GraphAssembly.OR_FIXED);
  }

  /** Puts numbers of its own for each image where all have nearly the same ones. */
  private void tellApart(int tensor, int output, List<NDArray[]> made, Layout layout) {
    NDArray together = made.get(0)[output];
    if (layout.images() != images || together.size() == 0) {
      return;
    }
    NDArray first = made.get(1)[output];
    double same = NEARLY_SAME * comparison.largestOf(tensor);
    for (int i = 2; i < made.size(); i++) {
      if (ImageComparison.differ(first, made.get(i)[output], same)) {
        return;
      }
    }
    comparison.replace(tensor, replaced(output, made, layout));
  }

  /** Random numbers for each image in the place of what a node has made; those of the batch. */
  private NDArray replaced(int output, List<NDArray[]> made, Layout layout) {
    NDArray first = made.get(1)[output];
    Shape one = first.getShape();
    Shape blocks = new Shape(layout.blocks(), 1, one.size() / layout.blocks());
    NDList parts = new NDList();
    for (int image = 0; image < images; image++) {
      float[] values = new float[Math.toIntExact(one.size())];
      for (int k = 0; k < values.length; k++) {
        // above 0: roots and logarithms stay numbers
        values[k] = 1 - random.nextFloat();
      }
      NDArray part;
      try (NDArray borrowed = first.getManager().create(values, one)) {
        // with memory of its own: it is closed while views of it are still read
        part = borrowed.toType(first.getDataType(), true);
      }
      parts.add(part.reshape(blocks));
      int position = alone.indexOf(image);
      if (position >= 0) {
        made.get(position + 1)[output] = part;
      }
    }
    NDArray apart = NDArrays.concat(parts, 1).reshape(made.get(0)[output].getShape());
    made.get(0)[output] = apart;
    hasReplaced = true;
    return apart;
  }
}
