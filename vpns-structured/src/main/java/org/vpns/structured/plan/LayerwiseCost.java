package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;

/**
 * A cost that is the sum of what layers and parameters cost, such as measured times of layers.
 *
 * <p>Both methods are asked about layers of the whole network in the shapes that they come to have:
 * a depthwise convolution still says how many groups it had. What costs nothing in full width must
 * cost nothing in any.
 */
public interface LayerwiseCost extends NetworkCost {
  /**
   * What a layer costs; by default nothing.
   *
   * @param node the layer
   * @param inputs shapes that it reads for one image, weights included; null for what is absent
   * @param outputs shapes that it makes for one image
   */
  default double of(GraphNode node, List<@Nullable Shape> inputs, List<Shape> outputs) {
    return 0;
  }

  /** What a parameter of this shape costs, whoever reads it; by default nothing. */
  default double of(GraphParameter parameter, Shape shape) {
    return 0;
  }

  @Override
  default double of(ModelGraph graph) {
    List<Shape> shapes = graph.imageShapes();
    double sum = 0;
    for (GraphNode node : graph.nodes()) {
      sum += of(node, node.inputShapes(shapes::get), node.outputShapes(shapes::get));
    }
    for (GraphParameter parameter : graph.parameters()) {
      sum += of(parameter, parameter.shape());
    }
    return sum;
  }
}
