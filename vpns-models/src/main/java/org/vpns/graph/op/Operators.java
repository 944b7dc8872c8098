package org.vpns.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.LongMath;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** The operators by kind, and what they share. */
public final class Operators {
  private static final ImmutableMap<String, Class<? extends Operator>> KINDS =
      ImmutableMap.<String, Class<? extends Operator>>builder()
          .put("conv", Layers.Convolution.class)
          .put("linear", Layers.Linear.class)
          .put("batchNorm", Layers.BatchNorm.class)
          .put("layerNorm", Layers.LayerNorm.class)
          .put("dropout", Layers.Dropout.class)
          .put("matMul", Layers.MatMul.class)
          .put("pool", Pooling.Pool.class)
          .put("globalPool", Pooling.GlobalPool.class)
          .put("unary", Elementwise.Unary.class)
          .put("sloped", Elementwise.Sloped.class)
          .put("binary", Elementwise.Binary.class)
          .put("number", Elementwise.WithNumber.class)
          .put("clip", Elementwise.Clip.class)
          .put("where", Elementwise.Where.class)
          .put("cast", Elementwise.Cast.class)
          .put("reduce", Reductions.Reduce.class)
          .put("softmax", Reductions.Softmax.class)
          .put("concat", Joining.Concat.class)
          .put("stack", Joining.Stack.class)
          .put("split", Joining.Split.class)
          .put("slice", Indexing.Slice.class)
          .put("take", Indexing.Take.class)
          .put("reshape", Shaping.Reshape.class)
          .put("transpose", Shaping.Transpose.class)
          .put("squeeze", Shaping.Squeeze.class)
          .put("expandDims", Shaping.ExpandDims.class)
          .put("broadcast", Shaping.Broadcast.class)
          .put("pad", Shaping.Pad.class)
          .put("flip", Shaping.Flip.class)
          .put("fill", Filling.Fill.class)
          .put("fillLike", Filling.FillLike.class)
          .put("recurrent", Recurrent.class)
          .buildOrThrow();

  private Operators() {}

  /** Operator types by the name that files use for them. */
  public static Map<String, Class<? extends Operator>> byKind() {
    return KINDS;
  }

  /** The name that files use for an operator's type. */
  public static String fileKind(Operator operator) {
    for (Map.Entry<String, Class<? extends Operator>> entry : KINDS.entrySet()) {
      if (entry.getValue() == operator.getClass()) {
        return entry.getKey();
      }
    }
    throw new IllegalArgumentException(operator.getClass() + " is not in the table of operators");
  }

  /** The input at an index that must be there. */
  static <T> T present(List<@Nullable T> inputs, int index, Operator operator) {
    T input = index < inputs.size() ? inputs.get(index) : null;
    if (input == null) {
      throw misfit(operator, "at least " + (index + 1) + " inputs", inputs);
    }
    return input;
  }

  /** The array at an index that must be there. */
  static NDArray array(@Nullable NDArray[] inputs, int index) {
    NDArray input = inputs[index];
    if (input == null) {
      throw new IllegalStateException("input " + index + " is missing");
    }
    return input;
  }

  static NDArrayEx ex(@Nullable NDArray[] inputs) {
    return array(inputs, 0).getNDArrayInternal();
  }

  static NDArray[] one(NDArray array) {
    return new NDArray[] {array};
  }

  static NDArray[] all(NDList list) {
    return list.toArray(new NDArray[0]);
  }

  static IllegalArgumentException misfit(Operator operator, String expected, Object found) {
    return Problem.argument(
        "inputs do not fit the operator", operator.toString(), expected, found, "check the graph");
  }

  /** An axis counted from the front. */
  static int axis(int axis, int rank, Operator operator) {
    int front = axis < 0 ? axis + rank : axis;
    if (front < 0 || front >= rank) {
      throw misfit(operator, "an axis of " + rank, axis);
    }
    return front;
  }

  /** Numpy's broadcasting; -1 stays unknown unless the other dimension decides. */
  static Shape broadcast(Shape a, Shape b, Operator operator) {
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
  static long product(long... dimensions) {
    long product = 1;
    for (long d : dimensions) {
      if (d < 0) {
        return -1;
      }
      product = LongMath.checkedMultiply(product, d);
    }
    return product;
  }

  /** Float outranks integer outranks boolean; the wider of two of a kind. */
  static DataType promoted(DataType a, DataType b) {
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
