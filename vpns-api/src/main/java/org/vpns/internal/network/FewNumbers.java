package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * Numbers of an array that are compared in Java, because they are so few that calls to the engine
 * would take longer than they do: a network of thousands of small nodes is compared node by node.
 *
 * @param single whether differences are rounded to float32, as the engine would
 */
record FewNumbers(double[] values, boolean single) {
  private static final int MOST = 1 << 14;

  /** Whether an array has few numbers. */
  static boolean are(NDArray array) {
    return array.size() <= MOST;
  }

  static FewNumbers of(NDArray array) {
    DataType type = array.getDataType();
    if (type == DataType.FLOAT64) {
      return new FewNumbers(array.toDoubleArray(), false);
    }
    if (type == DataType.FLOAT32) {
      float[] floats = array.toFloatArray();
      double[] values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
      return new FewNumbers(values, true);
    }
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return new FewNumbers(wide.toDoubleArray(), false);
    }
  }

  /** The largest of all finite numbers without their signs. */
  double largest() {
    double largest = 0;
    for (double value : values) {
      double size = Math.abs(value);
      largest = size > largest && size < Double.POSITIVE_INFINITY ? size : largest;
    }
    return largest;
  }

  /**
   * The largest difference between one row of each block and the rows of another array; infinite
   * where only one is a number, unless both are infinite alike.
   *
   * @param images rows of a block
   * @param at the row
   * @param other an array of as many blocks
   * @param repeats rows of its blocks, each of which is compared
   * @param length of a row
   */
  double difference(int images, int at, FewNumbers other, int repeats, int length) {
    double largest = 0;
    int blocks = values.length / (images * length);
    for (int block = 0; block < blocks; block++) {
      int row = (block * images + at) * length;
      for (int i = 0; i < repeats * length; i++) {
        double apart =
            difference(
                values[row + i % length],
                other.values[block * repeats * length + i],
                single && other.single);
        largest = Math.max(largest, apart);
      }
    }
    return largest;
  }

  private static double difference(double a, double b, boolean single) {
    if (a == b || Double.isNaN(a) && Double.isNaN(b)) {
      return 0;
    }
    double apart = Math.abs(a - b);
    if (Double.isNaN(apart)) {
      return Double.POSITIVE_INFINITY;
    }
    return single ? (float) apart : apart;
  }
}
