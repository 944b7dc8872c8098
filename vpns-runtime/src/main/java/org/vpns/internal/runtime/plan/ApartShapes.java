package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;

/**
 * Shapes of a graph's tensors for one image: what is left of them without the batch. Found by
 * asking the operators for two batches; where the first axis does not follow the batch, or another
 * one does, images are not apart.
 */
final class ApartShapes {
  private final int[] @Nullable [] perImage;

  private ApartShapes(int[] @Nullable [] perImage) {
    this.perImage = perImage;
  }

  /**
   * Of a graph.
   *
   * @param image shape of one image
   */
  static ApartShapes of(ModelGraph graph, Shape image) {
    Shape[] two = shapes(graph, image, 2);
    Shape[] three = shapes(graph, image, 3);
    int[] @Nullable [] result = new int[two.length][];
    for (int t = 0; t < two.length; t++) {
      result[t] = apart(two[t], three[t]);
    }
    return new ApartShapes(result);
  }

  private static Shape[] shapes(ModelGraph graph, Shape image, long batch) {
    Shape[] known = new Shape[graph.tensors().size()];
    graph.parameters().forEach(p -> known[p.tensor()] = p.shape());
    graph.constants().forEach(c -> known[c.tensor()] = c.shape());
    for (int input : graph.inputs()) {
      known[input] = new Shape(batch).addAll(image);
    }
    for (GraphNode node : graph.nodes()) {
      List<Shape> out = node.operator().outputShapes(node.inputShapes(t -> known[t]), batch);
      for (int i = 0; i < out.size(); i++) {
        known[node.outputs().get(i)] = out.get(i);
      }
    }
    return known;
  }

  private static int @Nullable [] apart(Shape two, Shape three) {
    if (two.dimension() == 0 || two.get(0) != 2 || three.dimension() == 0 || three.get(0) != 3) {
      return null;
    }
    Shape image = two.slice(1);
    if (!image.equals(three.slice(1)) || Arrays.stream(image.getShape()).anyMatch(d -> d < 1)) {
      return null;
    }
    return Arrays.stream(image.getShape()).mapToInt(Math::toIntExact).toArray();
  }

  /** Shape of a tensor for one image, or null if it has none. */
  int @Nullable [] get(int tensor) {
    return perImage[tensor];
  }
}
