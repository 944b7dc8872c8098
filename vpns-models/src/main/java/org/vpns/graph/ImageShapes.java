package org.vpns.graph;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import java.util.Arrays;
import java.util.List;

/**
 * Shapes of a network's tensors for one image. An axis that is open because it follows from the
 * batch may hold more than one entry for each image: its words, windows or heads. So shapes are
 * inferred for one image rather than left open.
 */
final class ImageShapes {
  private final ModelGraph graph;
  private final Shape[] shapes;

  /** By tensor: the axis of the images, or -1 if there is none. */
  private final int[] axes;

  private ImageShapes(ModelGraph graph) {
    this.graph = graph;
    shapes = new Shape[graph.tensors().size()];
    axes = new int[shapes.length];
    Arrays.fill(axes, -1);
  }

  /** Of a graph, for any number of images or for a fixed one. */
  static ImageShapes of(ModelGraph graph) {
    ImageShapes result = new ImageShapes(graph);
    for (int t = 0; t < result.shapes.length; t++) {
      result.shapes[t] = graph.tensor(t).shape();
    }
    boolean open = graph.inputs().stream().anyMatch(t -> isOpen(graph.tensor(t).shape()));
    if (open) {
      result.infer();
    } else {
      result.divide();
    }
    return result;
  }

  private static boolean isOpen(Shape shape) {
    return Longs.contains(shape.getShape(), -1);
  }

  /** Infers all shapes anew for a batch of one. */
  private void infer() {
    for (int t : graph.inputs()) {
      take(t, shapes[t]);
    }
    for (GraphNode node : graph.nodes()) {
      List<Shape> made = node.operator().outputShapes(node.inputShapes(t -> shapes[t]), 1);
      for (int i = 0; i < made.size(); i++) {
        take(node.outputs().get(i), made.get(i));
      }
    }
  }

  /** What was inferred, and where that knows nothing, what the graph says; one image elsewhere. */
  private void take(int tensor, Shape inferred) {
    Shape told = graph.tensor(tensor).shape();
    long[] lengths = inferred.getShape().clone();
    for (int d = 0; d < lengths.length; d++) {
      lengths[d] = lengths[d] == -1 ? Math.abs(told.get(d)) : lengths[d];
    }
    shapes[tensor] = new Shape(lengths);
    axes[tensor] = Longs.indexOf(told.getShape(), -1);
  }

  /**
   * Shapes hold so many images as the first input has. They lie along the first axis that is as
   * many times as long as one image needs; parameters, and what follows from them alone, have none.
   */
  private void divide() {
    boolean[] moving = new boolean[shapes.length];
    graph.inputs().forEach(t -> moving[t] = true);
    for (GraphNode node : graph.nodes()) {
      boolean moves = node.inputs().stream().anyMatch(t -> t != ModelGraph.ABSENT && moving[t]);
      node.outputs().forEach(t -> moving[t] = moves);
    }
    Shape first = graph.inputs().isEmpty() ? new Shape() : shapes[graph.inputs().get(0)];
    long images = first.dimension() == 0 ? 1 : first.get(0);
    for (int t = 0; t < shapes.length; t++) {
      long[] lengths = shapes[t].getShape().clone();
      int axis = 0;
      while (axis < lengths.length && (images < 1 || lengths[axis] % images != 0)) {
        axis++;
      }
      if (moving[t] && axis < lengths.length) {
        lengths[axis] /= images;
        shapes[t] = new Shape(lengths);
        axes[t] = axis;
      }
    }
  }

  /** Of all tensors, by number. */
  List<Shape> all() {
    return List.of(shapes);
  }

  /** Of a tensor, without the axis of the images if it holds nothing else. */
  Shape withoutImages(int tensor) {
    Shape shape = shapes[tensor];
    int axis = axes[tensor];
    return axis < 0 || shape.get(axis) != 1
        ? shape
        : shape.slice(0, axis).addAll(shape.slice(axis + 1));
  }

  /** Multiply-adds of a node for one image. */
  long macs(GraphNode node) {
    return node.operator()
        .macs(node.inputShapes(t -> shapes[t]), node.outputShapes(t -> shapes[t]));
  }
}
