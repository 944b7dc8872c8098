package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.vpns.internal.network.Sines;

/** Weights without zeros, which would hide what training may wake. */
final class AwakeWeights {
  /** Of the size of a layer's weights: enough to be seen, and a hundredth of what they do. */
  private static final double PART = 8;

  private static final int FEW = 1 << 10;

  private AwakeWeights() {}

  /**
   * An array with other numbers in place of its zeros; the array itself if it has none.
   *
   * @param scope owner of a new array
   */
  static NDArray of(NDArray array, Parameter.Type type, NDManager scope) {
    Shape shape = array.getShape();
    if (shape.size() <= FEW && array.getDataType() == DataType.FLOAT32) {
      return ofFew(array, type, scope);
    }
    try (NDManager inner = scope.newSubManager()) {
      if (shape.size() == 0 || !hasZero(array, inner)) {
        return array;
      }
      NDArray zero = array.eq(0);
      zero.attach(inner);
      NDArray sines = Sines.of(inner, shape, 1);
      NDArray numbers =
          type == Parameter.Type.RUNNING_VAR ? sines.abs() : sines.mul(size(array, inner));
      NDArray result = NDArrays.where(zero, numbers.toType(array.getDataType(), false), array);
      result.attach(scope);
      return result;
    }
  }

  /** The same in Java, where calls of the engine would take longer. */
  private static NDArray ofFew(NDArray array, Parameter.Type type, NDManager scope) {
    float[] values = array.toFloatArray();
    boolean hasZero = false;
    double squares = 0;
    for (float value : values) {
      hasZero |= value == 0;
      squares += (double) value * value;
    }
    if (!hasZero) {
      return array;
    }
    double size = size(Math.sqrt(squares / values.length), array.getShape());
    for (int i = 0; i < values.length; i++) {
      double sine = Math.sin(i + 1);
      double awake = type == Parameter.Type.RUNNING_VAR ? Math.abs(sine) : sine * size;
      values[i] = values[i] == 0 ? (float) awake : values[i];
    }
    try (NDArray borrowed = scope.create(values, array.getShape())) {
      NDArray result = borrowed.duplicate();
      result.attach(scope);
      return result;
    }
  }

  /** Mostly there is none, which the smallest size tells in less time than a mask of zeros. */
  private static boolean hasZero(NDArray array, NDManager inner) {
    DataType type = array.getDataType();
    if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
      NDArray zero = array.eq(0);
      zero.attach(inner);
      NDArray any = zero.any();
      any.attach(inner);
      return any.getBoolean();
    }
    try (NDArray sizes = array.abs();
        NDArray least = sizes.min();
        NDArray wide = least.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray()[0] == 0;
    }
  }

  /**
   * How large the numbers are: beside other weights a part of those, so that a network whose layers
   * follow one another by the score enlarges rounding no more than it does with its zeros.
   */
  private static double size(NDArray array, NDManager inner) {
    NDArray wide = array.toType(DataType.FLOAT64, true);
    wide.attach(inner);
    NDArray mean = wide.square().mean();
    mean.attach(inner);
    return size(Math.sqrt(mean.toDoubleArray()[0]), array.getShape());
  }

  private static double size(double others, Shape shape) {
    double terms = shape.dimension() < 2 ? 1 : shape.size() / (double) shape.get(0);
    return others > 0 && Double.isFinite(others) ? others / PART : 1 / Math.sqrt(terms);
  }
}
