package org.vpns.internal.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.math.LongMath;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** What operators do with their inputs: what must be there, and how shapes and types meet. */
public final class Arguments {
  private Arguments() {}

  /** The input at an index that must be there. */
  public static <T> T present(List<@Nullable T> inputs, int index, Object operator) {
    T input = index < inputs.size() ? inputs.get(index) : null;
    if (input == null) {
      throw misfit(operator, "at least " + (index + 1) + " inputs", inputs);
    }
    return input;
  }

  /** The array at an index that must be there. */
  public static NDArray array(@Nullable NDArray[] inputs, int index) {
    NDArray input = inputs[index];
    if (input == null) {
      throw new IllegalStateException("input " + index + " is missing");
    }
    return input;
  }

  public static NDArrayEx ex(@Nullable NDArray[] inputs) {
    return array(inputs, 0).getNDArrayInternal();
  }

  public static NDArray[] one(NDArray array) {
    return new NDArray[] {array};
  }

  public static NDArray[] all(NDList list) {
    return list.toArray(new NDArray[0]);
  }

  public static IllegalArgumentException misfit(Object operator, String expected, Object found) {
    return Problem.argument(
        "inputs do not fit the operator", operator.toString(), expected, found, "check the graph");
  }

  /** An axis counted from the front. */
  public static int axis(int axis, int rank, Object operator) {
    int front = axis < 0 ? axis + rank : axis;
    if (front < 0 || front >= rank) {
      throw misfit(operator, "an axis of " + rank, axis);
    }
    return front;
  }

  /** Numpy's broadcasting; -1 stays unknown unless the other dimension decides. */
  public static Shape broadcast(Shape a, Shape b, Object operator) {
    int rank = Math.max(a.dimension(), b.dimension());
    long[] result = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.dimension() ? a.get(a.dimension() - i) : 1;
      long y = i <= b.dimension() ? b.get(b.dimension() - i) : 1;
      if (x == 1 || x == y) {
        result[rank - i] = y;
      } else if (y == 1) {
        result[rank - i] = x;
      } else if (x == -1 || y == -1) {
        result[rank - i] = Math.max(x, y);
      } else {
        throw misfit(operator, "shapes that broadcast", a + " and " + b);
      }
    }
    return new Shape(result);
  }

  /** Product of dimensions, or -1 if one is unknown. */
  public static long product(long... dimensions) {
    long product = 1;
    for (long d : dimensions) {
      if (d < 0) {
        return -1;
      }
      product = LongMath.checkedMultiply(product, d);
    }
    return product;
  }

  /** Checks the bias of a layer, its third input, if there is one. */
  static void requireBias(List<@Nullable Shape> in, long channels, Object operator) {
    if (in.size() > 2 && in.get(2) != null && !new Shape(channels).equals(in.get(2))) {
      throw misfit(operator, "a bias (" + channels + ")", in);
    }
  }

  /** Checks what share of values is dropped. */
  static void requireShare(double rate, Object operator) {
    if (!(rate >= 0 && rate <= 1)) {
      throw misfit(operator, "a share from 0 to 1", rate);
    }
  }

  /** How many values there are, an open axis taken for one entry. */
  public static long known(Shape shape) {
    return knownBeside(-1, shape);
  }

  /** As {@link #known}, of all axes but one. */
  static long knownBeside(int axis, Shape shape) {
    long product = 1;
    for (int i = 0; i < shape.dimension(); i++) {
      if (i != axis && shape.get(i) != -1) {
        product = LongMath.checkedMultiply(product, shape.get(i));
      }
    }
    return product;
  }

  /** Float outranks integer outranks boolean; the wider of two of a kind. */
  public static DataType promoted(DataType a, DataType b) {
    int rankA = rank(a);
    int rankB = rank(b);
    if (rankA != rankB) {
      return rankA > rankB ? a : b;
    }
    return a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
  }

  private static int rank(DataType type) {
    return type.isFloating() ? 2 : type == DataType.BOOLEAN ? 0 : 1;
  }
}
