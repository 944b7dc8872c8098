package org.vpns.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.vpns.Problem;

/**
 * A value that flows through a graph.
 *
 * @param shape its shape; -1 for the batch and what follows from it
 * @param type element type
 */
public record GraphTensor(Shape shape, DataType type) {
  /** No part may be null. */
  public GraphTensor {
    Problem.given(shape, "new GraphTensor", "shape");
    Problem.given(type, "new GraphTensor", "type");
  }

  /** Its shape in a batch of so many images, where no other length is open. */
  public Shape shape(long batch) {
    return new Shape(
        Arrays.stream(shape.getShape()).map(length -> length == -1 ? batch : length).toArray());
  }
}
