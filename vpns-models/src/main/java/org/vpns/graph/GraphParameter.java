package org.vpns.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.vpns.Problem;

/**
 * A parameter of a graph.
 *
 * @param tensor number of the tensor that holds its values
 * @param path dotted path, such as {@code layer1.0.conv1.weight}
 * @param type what it is for
 * @param trained whether it gets gradients
 * @param shape its shape
 * @param dataType element type
 */
public record GraphParameter(
    int tensor, String path, Parameter.Type type, boolean trained, Shape shape, DataType dataType) {
  /** No part may be null. */
  public GraphParameter {
    Problem.given(path, "new GraphParameter", "path");
    Problem.given(type, "new GraphParameter", "type");
    Problem.given(shape, "new GraphParameter", "shape");
    Problem.given(dataType, "new GraphParameter", "dataType");
  }
}
