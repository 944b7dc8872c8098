package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.network.ImageComparison;
import org.vpns.internal.network.ImageComparison.Difference;
import org.vpns.internal.network.ImageComparison.Layout;

/**
 * Shows that a network gives each image of a batch what it gives the image alone. Fixed sizes in
 * reshapes, or sums over the first axis, mix images without a word; training and evaluation would
 * then depend on which images happen to share a batch.
 *
 * <p>Every node is looked at, since later ones may hide what an earlier one mixes. A node that
 * gives all images the same, as a gate that is shut for all of them does, would hide what later
 * ones mix: those are given random numbers in its place.
 */
final class ImagesApart {
  private static final int IMAGES = 3;

  private final ModelGraph graph;
  private final ImageComparison comparison = new ImageComparison();
  private final Random random = new Random(5);

  private ImagesApart(ModelGraph graph) {
    this.graph = graph;
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
    NDList batch = inputs.of(IMAGES);
    List<NDList> batches = new ArrayList<>(List.of(batch));
    for (int i = 0; i < IMAGES; i++) {
      NDIndex image = image(0, i);
      batches.add(new NDList(batch.stream().map(array -> array.get(image)).toList()));
    }
    GraphRun.sideBySide(network, batches, new ImagesApart(network.graph())::check);
  }

  private static NDIndex image(int axis, int image) {
    return new NDIndex().addAllDim(axis).addSliceDim(image, image + 1);
  }

  /**
   * @param made of the batch, then of each image alone
   */
  private void check(GraphNode node, List<NDArray[]> made) {
    for (int i = 0; i < node.outputs().size(); i++) {
      int number = i;
      int tensor = node.outputs().get(i);
      NDArray together = made.get(0)[i];
      boolean isResult = graph.outputs().contains(tensor);
      if (together.getDataType().isFloating() || isResult) {
        // results must be alike by their own numbers
        List<Integer> reads = isResult ? List.of() : node.inputs();
        List<NDArray> alone =
            made.subList(1, made.size()).stream().map(arrays -> arrays[number]).toList();
        Difference difference =
            comparison.compare(reads, tensor, together, alone, layouts(tensor, together));
        if (difference != null) {
          throw Problem.argument(
              "images of a batch change each other",
              "node " + node.name(),
              difference.expected(),
              difference.found(),
              "let sizes that follow from the batch be -1, and leave the first axis to the images");
        }
        if (!isResult) {
          tellApart(tensor, i, made);
        }
      }
    }
  }

  private int[] openAxes(int tensor) {
    long[] shape = graph.tensor(tensor).shape().getShape();
    return IntStream.range(0, shape.length).filter(i -> shape[i] == -1).toArray();
  }

  /** How the images may lie in a value; none if its shape tears them apart. */
  private List<Layout> layouts(int tensor, NDArray together) {
    int[] open = openAxes(tensor);
    if (open.length == 0) {
      return List.of(new Layout(1, 1, 1));
    }
    if (open.length > 1) {
      return List.of();
    }
    long[] sizes = together.getShape().getShape();
    long before = LongStream.of(Arrays.copyOf(sizes, open[0])).reduce(1, (x, y) -> x * y);
    long length = sizes[open[0]] / IMAGES;
    // images may lie before or behind what else the axis holds
    Layout first = new Layout(before, IMAGES, 1);
    return length == 1 ? List.of(first) : List.of(first, new Layout(before * length, IMAGES, 1));
  }

  /** Puts numbers of its own for each image where all have the same ones. */
  private void tellApart(int tensor, int output, List<NDArray[]> made) {
    NDArray together = made.get(0)[output];
    int[] open = openAxes(tensor);
    Shape shape = together.getShape();
    if (open.length != 1 || shape.get(open[0]) != IMAGES || shape.size() == 0) {
      return;
    }
    NDArray first = made.get(1)[output];
    for (int i = 2; i < made.size(); i++) {
      if (ImageComparison.difference(first, made.get(i)[output]) > 0) {
        return;
      }
    }
    List<NDArray> parts = new ArrayList<>();
    for (int i = 1; i < made.size(); i++) {
      float[] values = new float[Math.toIntExact(first.size())];
      for (int k = 0; k < values.length; k++) {
        // above 0: roots and logarithms stay numbers
        values[k] = 1 - random.nextFloat();
      }
      NDArray part =
          first.getManager().create(values, first.getShape()).toType(first.getDataType(), false);
      parts.add(part);
      made.get(i)[output] = part;
    }
    made.get(0)[output] = NDArrays.concat(new NDList(parts), open[0]);
  }
}
