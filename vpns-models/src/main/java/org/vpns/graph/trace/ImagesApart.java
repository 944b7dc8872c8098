package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphRun;
import org.vpns.graph.GraphTensor;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.io.MemoryBound;

/**
 * Shows that a network gives each image of a batch what it gives the image alone. Fixed sizes in
 * reshapes, or sums over the first axis, mix images without a word; training and evaluation would
 * then depend on which images happen to share a batch.
 */
final class ImagesApart {
  private static final int IMAGES = 3;

  /** Of the largest number: the engine may add up in another order for another number of images. */
  private static final double TOLERANCE = 1e-4;

  private final NetworkValues network;
  private final ModelGraph graph;
  private final NDList batch;
  private final List<NDList> alone = new ArrayList<>();

  private ImagesApart(NetworkValues network, NDList batch) {
    this.network = network;
    this.graph = network.graph();
    this.batch = batch;
    for (int i = 0; i < IMAGES; i++) {
      NDIndex image = new NDIndex().addSliceDim(i, i + 1);
      alone.add(new NDList(batch.stream().map(array -> array.get(image)).toList()));
    }
  }

  /** Makes inputs for a number of images. */
  interface Inputs {
    /** Random ones. */
    NDList of(int images);
  }

  /**
   * @throws IllegalArgumentException if images change each other; the message names the node
   */
  static void require(NetworkValues network, Inputs inputs) {
    new ImagesApart(network, inputs.of(IMAGES)).require();
  }

  private void require() {
    NDList together = GraphRun.forward(network, new NDList(batch));
    List<NDList> each = alone.stream().map(one -> GraphRun.forward(network, one)).toList();
    for (int i = 0; i < together.size(); i++) {
      int output = i;
      int tensor = graph.outputs().get(i);
      double difference =
          difference(tensor, together.get(i), each.stream().map(list -> list.get(output)).toList());
      if (!(difference <= TOLERANCE)) {
        throw Problem.argument(
            "images of a batch change each other",
            where(tensor),
            "for each of "
                + IMAGES
                + " images what it gives alone, up to "
                + TOLERANCE
                + " of the largest number",
            difference,
            "let sizes that follow from the batch be -1, and leave the first axis to the images");
      }
    }
  }

  /** The first node at which images change each other, or the output where it shows. */
  private String where(int output) {
    if (elements() > MemoryBound.engine()) {
      return "output " + graph.outputs().indexOf(output);
    }
    NDManager manager = batch.head().getManager();
    List<Map<GraphNode, NDArray[]>> each =
        alone.stream().map(one -> results(one, manager)).toList();
    Map<GraphNode, NDArray[]> together = results(batch, manager);
    for (GraphNode node : graph.nodes()) {
      for (int i = 0; i < node.outputs().size(); i++) {
        int number = i;
        NDArray[] found = together.get(node);
        int tensor = node.outputs().get(i);
        if (found != null
            && found[i].getDataType().isFloating()
            && !(difference(
                    tensor, found[i], each.stream().map(m -> result(m, node, number)).toList())
                <= TOLERANCE)) {
          return "node " + node.name();
        }
      }
    }
    return "output " + graph.outputs().indexOf(output);
  }

  /** Of all values of all passes together, which the search keeps. */
  private long elements() {
    long sum = 0;
    for (GraphTensor tensor : graph.tensors()) {
      long[] shape = LongStream.of(tensor.shape().getShape()).map(Math::abs).toArray();
      sum += Math.min(MemoryBound.engine(), MemoryBound.elements(new Shape(shape)));
    }
    return MemoryBound.times(sum, 2 * IMAGES);
  }

  private static NDArray result(Map<GraphNode, NDArray[]> results, GraphNode node, int number) {
    NDArray[] all = results.get(node);
    if (all == null) {
      throw new IllegalStateException(node.name());
    }
    return all[number];
  }

  private Map<GraphNode, NDArray[]> results(NDList inputs, NDManager manager) {
    Map<GraphNode, NDArray[]> results = new HashMap<>();
    @Nullable NDArray[] known =
        network.byTensor((p, array) -> array, constant -> constant.toArray(manager));
    GraphRun.of(graph)
        .run(
            known,
            inputs,
            false,
            (node, in, pass) -> {
              NDArray[] made = GraphRun.Rule.OPERATORS.apply(node, in, pass);
              results.put(node, made);
              return made;
            });
    return results;
  }

  /**
   * The largest difference, in parts of the largest number; infinite if the shape tears images
   * apart.
   */
  private double difference(int tensor, NDArray together, List<NDArray> each) {
    long[] shape = graph.tensor(tensor).shape().getShape();
    int[] open = IntStream.range(0, shape.length).filter(i -> shape[i] == -1).toArray();
    if (open.length == 0) {
      return difference(together, each, 1, 1);
    }
    if (open.length > 1) {
      return Double.POSITIVE_INFINITY;
    }
    long before = product(together.getShape(), 0, open[0]);
    long length = together.getShape().get(open[0]) / IMAGES;
    // images may lie before or behind what else the axis holds
    return Math.min(
        difference(together, each, before, IMAGES),
        difference(together, each, before * length, IMAGES));
  }

  /**
   * The largest difference.
   *
   * @param blocks how many times all images follow one another
   * @param images how many follow one another: 1 if the value has nothing of images
   */
  private static double difference(NDArray together, List<NDArray> each, long blocks, int images) {
    double[] found = BlockTracer.doubles(together);
    double largest = Arrays.stream(found).filter(Double::isFinite).map(Math::abs).max().orElse(0);
    double worst = 0;
    int block = (int) (found.length / Math.max(1, blocks * images));
    for (int image = 0; image < IMAGES; image++) {
      double[] expected = BlockTracer.doubles(each.get(image));
      if (expected.length * (long) images != found.length) {
        return Double.POSITIVE_INFINITY;
      }
      int offset = images == 1 ? 0 : image * block;
      for (int i = 0; i < expected.length; i++) {
        double x = found[i / block * block * images + offset + i % block];
        if (Double.compare(x, expected[i]) != 0) {
          double d = Math.abs(x - expected[i]);
          worst = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(worst, d);
        }
      }
    }
    return worst == 0 ? 0 : worst / largest;
  }

  private static long product(Shape shape, int from, int to) {
    return LongStream.of(Arrays.copyOfRange(shape.getShape(), from, to)).reduce(1, (x, y) -> x * y);
  }
}
