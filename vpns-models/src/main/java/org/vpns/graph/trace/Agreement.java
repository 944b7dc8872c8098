package org.vpns.graph.trace;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.vpns.Problem;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.io.MemoryBound;

/** Whether a graph gives what the block gives that it was read from. */
final class Agreement {
  /** Rounding may differ where the engine takes another path for equal numbers. */
  private static final double TOLERANCE = 1e-5;

  private Agreement() {}

  /**
   * Runs both on some images.
   *
   * @throws IllegalArgumentException if their outputs differ
   */
  static void require(NetworkValues network, Block block, NDList input) {
    NDManager scope = input.head().getManager();
    ParameterStore store = new ParameterStore(scope, false);
    NDList expected = block.forward(store, new NDList(input), false);
    NDList found = forward(network, input);
    for (int i = 0; i < expected.size(); i++) {
      double difference = difference(expected.get(i), found.get(i));
      if (!isRounding(difference)) {
        throw Problem.argument(
            "graph and block disagree",
            "output " + i + ", " + input.head().getShape().get(0) + " images",
            "differences of at most " + TOLERANCE + " of max(1, |value|)",
            difference,
            "the block keeps state, or freezes something that depends on its input");
      }
    }
  }

  private static NDList forward(NetworkValues network, NDList input) {
    try {
      return GraphRun.forward(network, new NDList(input));
    } catch (EngineException e) {
      throw new IllegalArgumentException(
          Problem.message(
              "graph and block disagree",
              input.head().getShape().get(0) + " images",
              "operators that run as the block does",
              "'" + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "'",
              "give shapes that follow from the images, without axes of length 0"),
          e);
    }
  }

  /** Whether two outputs of the same are equal, but for rounding. */
  static boolean isOf(NDArray a, NDArray b) {
    return isRounding(difference(a, b));
  }

  private static boolean isRounding(double difference) {
    return difference <= TOLERANCE;
  }

  /** Largest |a - b| / max(1, |a|); infinite if the shapes differ. */
  private static double difference(NDArray a, NDArray b) {
    if (!a.getShape().equals(b.getShape()) || a.getDataType() != b.getDataType()) {
      return Double.POSITIVE_INFINITY;
    }
    if (!a.getDataType().isFloating()) {
      return a.contentEquals(b) ? 0 : Double.POSITIVE_INFINITY;
    }
    double[] x = doubles(a);
    double[] y = doubles(b);
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      boolean same = Double.compare(x[i], y[i]) == 0;
      double d = same ? 0 : Math.abs(x[i] - y[i]) / Math.max(1, Math.abs(x[i]));
      largest = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(largest, d);
    }
    return largest;
  }

  private static double[] doubles(NDArray array) {
    if (array.size() > MemoryBound.heap()) {
      throw Problem.argument(
          "values too large to compare",
          "BlockTracer.trace",
          "at most " + MemoryBound.heap() + " elements",
          array.getShape(),
          MemoryBound.remedy(array.size(), "use smaller images"));
    }
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }
}
