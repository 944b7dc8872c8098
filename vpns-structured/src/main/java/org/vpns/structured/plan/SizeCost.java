package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import java.util.function.ToIntFunction;
import org.vpns.Problem;
import org.vpns.graph.GraphParameter;

/** Entries of parameters, each of some weight. */
record SizeCost(String name, ToIntFunction<GraphParameter> each) implements LayerwiseCost {
  @Override
  public double of(GraphParameter parameter, Shape shape) {
    Problem.given(parameter, "LayerwiseCost.of", "parameter");
    Problem.given(shape, "LayerwiseCost.of", "shape");
    return (double) shape.size() * each.applyAsInt(parameter);
  }

  @Override
  public String toString() {
    return name;
  }
}
