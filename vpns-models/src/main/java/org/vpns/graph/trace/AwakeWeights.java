package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.vpns.internal.network.Sines;

/** Weights without zeros, which would hide what training may wake. */
final class AwakeWeights {
  private AwakeWeights() {}

  /**
   * An array with other numbers in place of its zeros; the array itself if it has none.
   *
   * @param scope owner of a new array
   */
  static NDArray of(NDArray array, Parameter.Type type, NDManager scope) {
    Shape shape = array.getShape();
    try (NDManager inner = scope.newSubManager()) {
      NDArray zero = array.eq(0);
      zero.attach(inner);
      if (shape.size() == 0 || !zero.any().getBoolean()) {
        return array;
      }
      // numbers around 0 that make neither large values of small ones nor small ones of large
      NDArray sines = Sines.of(inner, shape, 1);
      double terms = shape.dimension() < 2 ? 1 : shape.size() / (double) shape.get(0);
      NDArray numbers =
          type == Parameter.Type.RUNNING_VAR ? sines.abs() : sines.div(Math.sqrt(terms));
      NDArray result = NDArrays.where(zero, numbers.toType(array.getDataType(), false), array);
      result.attach(scope);
      return result;
    }
  }
}
