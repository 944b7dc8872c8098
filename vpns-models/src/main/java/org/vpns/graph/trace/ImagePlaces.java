package org.vpns.graph.trace;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.internal.network.ImageComparison.Layout;

/**
 * Where the images of a batch lie in the values of a network: along the one axis whose length
 * follows from the batch, by themselves or merged with other axes, which may be before and behind
 * them.
 */
final class ImagePlaces {
  private final IntFunction<Shape> shapes;
  private final int images;
  private final Map<Integer, Place> known = new HashMap<>();

  /**
   * In a value of a number of images.
   *
   * @param length of the axis
   * @param outer how often all images follow one another along it
   */
  private record Place(long length, long outer) {}

  /**
   * @param shapes of the values, by number; -1 for what follows from the batch
   * @param images how many the batch has
   */
  ImagePlaces(IntFunction<Shape> shapes, int images) {
    this.shapes = shapes;
    this.images = images;
  }

  /**
   * How a value may hold the images, likelier ones first; none if its shape tears them apart.
   *
   * @param node makes the value; most keep the images where they are
   * @param shape the value's for the batch
   */
  List<Layout> possible(GraphNode node, int tensor, Shape shape) {
    int[] open = openAxes(tensor);
    if (open.length == 0) {
      return List.of(new Layout(1, 1, 1));
    }
    if (open.length > 1) {
      return List.of();
    }
    long before = before(shape, open[0]);
    long length = shape.get(open[0]);
    long others = Math.max(1, length / images);
    Set<Long> outer = new LinkedHashSet<>(asRead(node, length));
    outer.add(1L);
    outer.add(others);
    LongStream.range(2, others).filter(d -> others % d == 0).forEach(outer::add);
    return outer.stream().map(times -> new Layout(before * times, images, 1)).toList();
  }

  /** Where the images lie in what a node reads along axes of a length. */
  private List<Long> asRead(GraphNode node, long length) {
    List<Long> outer = new ArrayList<>();
    for (int read : node.inputs()) {
      Place place = known.get(read);
      if (place != null && place.length == length) {
        outer.add(place.outer);
      }
    }
    return outer;
  }

  /** Remembers where the images lie in a value. */
  void put(int tensor, Shape shape, Layout layout) {
    int[] open = openAxes(tensor);
    if (open.length == 1 && shape.size() > 0) {
      long outer = layout.blocks() / before(shape, open[0]);
      known.put(tensor, new Place(shape.get(open[0]), outer));
    }
  }

  /** Whether a value that a node reads, if it is there, has something of images. */
  boolean holdImages(int tensor) {
    return tensor >= 0 && openAxes(tensor).length > 0;
  }

  /**
   * How a value holds the images if all that its node reads holds them in one way along axes of one
   * length, and so does the value; null otherwise.
   */
  @Nullable Layout asAllRead(GraphNode node, int tensor, Shape shape) {
    int[] open = openAxes(tensor);
    @Nullable Place common = null;
    for (int read : node.inputs()) {
      if (holdImages(read)) {
        Place place = openAxes(read).length == 1 ? place(read) : null;
        if (place == null || common != null && !place.equals(common)) {
          return null;
        }
        common = place;
      }
    }
    return common != null && open.length == 1 && shape.get(open[0]) == common.length
        ? new Layout(before(shape, open[0]) * common.outer, images, 1)
        : null;
  }

  /** Where the images lie in a value; in the network's inputs, which nothing makes, in front. */
  private Place place(int tensor) {
    return known.getOrDefault(tensor, new Place(images, 1));
  }

  /** How a value holds the images. */
  Layout layout(int tensor) {
    return new Layout(
        before(batchShape(tensor), openAxes(tensor)[0]) * place(tensor).outer, images, 1);
  }

  /** Shape of a value for the batch. */
  Shape batchShape(int tensor) {
    return shape(tensor, place(tensor).length);
  }

  /** Shape of a value for one image. */
  Shape shapeForOne(int tensor) {
    return shape(tensor, place(tensor).length / images);
  }

  private Shape shape(int tensor, long length) {
    return new Shape(
        LongStream.of(shapes.apply(tensor).getShape()).map(n -> n == -1 ? length : n).toArray());
  }

  private static long before(Shape shape, int axis) {
    return LongStream.of(shape.getShape()).limit(axis).reduce(1, (x, y) -> x * y);
  }

  private int[] openAxes(int tensor) {
    long[] shape = shapes.apply(tensor).getShape();
    return IntStream.range(0, shape.length).filter(i -> shape[i] == -1).toArray();
  }
}
