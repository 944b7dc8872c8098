package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.OperatorCall;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Sums, means and extremes over axes. */
final class ReductionOperators {
  private ReductionOperators() {}

  static void addTo(OperatorTable table) {
    both(table, "ReduceSum", (in, x, axes, keep) -> x.sum(axes, keep), Long::sum, Double::sum);
    both(table, "ReduceProd", stepwise(NDArray::prod), (x, y) -> x * y, (x, y) -> x * y);
    both(table, "ReduceMax", stepwise(NDArray::max), Math::max, Math::max);
    both(table, "ReduceMin", stepwise(NDArray::min), Math::min, Math::min);
    engine(table, "ReduceMean", ReductionOperators::mean);
    engine(table, "ReduceL1", (in, x, axes, keep) -> in.temporary(x.abs()).sum(axes, keep));
    engine(
        table,
        "ReduceL2",
        (in, x, axes, keep) -> in.temporary(in.temporary(x.mul(x)).sum(axes, keep)).sqrt());
    engine(table, "ReduceSumSquare", (in, x, axes, keep) -> in.temporary(x.mul(x)).sum(axes, keep));
    engine(table, "ReduceLogSum", (in, x, axes, keep) -> in.temporary(x.sum(axes, keep)).log());
    engine(table, "ReduceLogSumExp", ReductionOperators::logSumExp);
    table.add("TopK", ReductionOperators::topK);
    table.add("ArgMax", node -> extremePlace(node, NDArray::argMax));
    table.add("ArgMin", node -> extremePlace(node, NDArray::argMin));
  }

  private interface Reduction {
    NDArray apply(Operands in, NDArray x, int[] axes, boolean keep);
  }

  private interface OneAxis {
    NDArray apply(NDArray x, int[] axis, boolean keep);
  }

  private static void engine(OperatorTable table, String name, Reduction reduction) {
    table.add(name, node -> step(node, reduction, null, null));
  }

  private static void both(
      OperatorTable table,
      String name,
      Reduction reduction,
      LongBinaryOperator longs,
      DoubleBinaryOperator reals) {
    table.both(name, node -> step(node, reduction, longs, reals));
  }

  /** Axes came as an attribute before operator set 18 (sums: 13), as an input from then on. */
  private static Step step(
      OnnxNode node,
      Reduction reduction,
      @Nullable LongBinaryOperator longs,
      @Nullable DoubleBinaryOperator reals)
      throws FormatException {
    boolean asInput = node.opset() >= (node.operator().equals("ReduceSum") ? 13 : 18);
    node.requireInputs(1, asInput ? 2 : 1);
    long[] attribute = asInput ? null : node.integers("axes");
    boolean keep = node.flag("keepdims", true);
    boolean noneIsNone = asInput && node.flag("noop_with_empty_axes", false);
    return in -> {
      int rank = in.rank(0);
      long[] given = attribute != null ? attribute : in.has(1) ? in.longs(1) : new long[0];
      int[] axes =
          given.length > 0
              ? in.axes(given, rank)
              : noneIsNone ? new int[0] : IntStream.range(0, rank).toArray();
      if (in.onHost(0) && longs != null && reals != null) {
        return List.of(OnnxValue.of(onHost(in.host(0), axes, keep, longs, reals)));
      }
      if (axes.length == 0 && longs != null) {
        return List.of(in.value(0));
      }
      NDArray x = in.array(0);
      if (axes.length == 0) {
        // the function around the sum applies all the same: sum over an axis of size 1
        NDArray column = in.temporary(x.expandDims(rank));
        return List.of(OnnxValue.of(reduction.apply(in, column, new int[] {rank}, false)));
      }
      return List.of(OnnxValue.of(reduction.apply(in, x, axes, keep)));
    };
  }

  /** The engine reduces one axis at a time; the last one first, so the others keep their places. */
  private static Reduction stepwise(OneAxis reduction) {
    return (in, x, axes, keep) -> {
      NDArray result = x;
      for (int i = axes.length - 1; i >= 0; i--) {
        NDArray next = reduction.apply(result, new int[] {axes[i]}, keep);
        result = i > 0 ? in.temporary(next) : next;
      }
      return result;
    };
  }

  /** Means over all spatial axes are global pooling, as exporters write it in this form too. */
  private static NDArray mean(Operands in, NDArray x, int[] axes, boolean keep) {
    int rank = x.getShape().dimension();
    boolean pooling =
        rank >= 3 && rank <= 5 && Arrays.equals(axes, IntStream.range(2, rank).toArray());
    if (!pooling) {
      return stepwise(NDArray::mean).apply(in, x, axes, keep);
    }
    NDArray pooled = x.getNDArrayInternal().globalAvgPool();
    if (!keep) {
      return pooled;
    }
    long[] ones = new long[rank - 2];
    Arrays.fill(ones, 1);
    return in.temporary(pooled).reshape(Shapes.join(Shapes.part(x.getShape(), 0, 2), ones));
  }

  /** Shifted by the largest element, so that no exponential overflows. */
  private static NDArray logSumExp(Operands in, NDArray x, int[] axes, boolean keep) {
    NDArray most = in.temporary(stepwise(NDArray::max).apply(in, x, axes, true));
    NDArray shifted = in.temporary(in.temporary(x.sub(most)).exp());
    NDArray sum = in.temporary(in.temporary(shifted.sum(axes, true)).log());
    return keep ? sum.add(most) : in.temporary(sum.add(most)).squeeze(axes);
  }

  private static HostTensor onHost(
      HostTensor x,
      int[] axes,
      boolean keep,
      LongBinaryOperator longs,
      DoubleBinaryOperator reals) {
    int rank = x.shape().dimension();
    long[] strides = Shapes.strides(x.shape());
    int[] others = IntStream.range(0, rank).filter(i -> Arrays.binarySearch(axes, i) < 0).toArray();
    Shape kept = sizes(x.shape(), others);
    int[] bases = Shapes.places(kept, 0, at(strides, others));
    int[] within = Shapes.places(sizes(x.shape(), axes), 0, at(strides, axes));
    long[] result = x.shape().getShape().clone();
    for (int axis : axes) {
      result[axis] = 1;
    }
    return HostTensor.made(
        x.type(),
        keep ? new Shape(result) : kept,
        i -> IntStream.of(within).mapToLong(k -> x.longAt(bases[i] + k)).reduce(longs).orElse(0),
        i ->
            IntStream.of(within)
                .mapToDouble(k -> x.doubleAt(bases[i] + k))
                .reduce(reals)
                .orElse(0));
  }

  private static Shape sizes(Shape shape, int[] axes) {
    return new Shape(Arrays.stream(axes).mapToLong(shape::get).toArray());
  }

  private static long[] at(long[] strides, int[] axes) {
    return Arrays.stream(axes).mapToLong(axis -> strides[axis]).toArray();
  }

  private interface Place {
    NDArray apply(NDArray x, int axis);
  }

  private static Step extremePlace(OnnxNode node, Place place) throws FormatException {
    node.requireInputs(1, 1);
    long axis = node.integer("axis", 0);
    boolean keep = node.flag("keepdims", true);
    boolean last = node.flag("select_last_index", false);
    return in -> {
      int at = in.axis(axis, in.rank(0));
      NDArray x = in.array(0);
      NDArray result =
          last
              ? fromEnd(in, place.apply(in.temporary(x.flip(at)), at), in.shape(0).get(at))
              : place.apply(x, at);
      return List.of(OnnxValue.of(keep ? in.temporary(result).expandDims(at) : result));
    };
  }

  private static NDArray fromEnd(Operands in, NDArray place, long size) {
    return in.temporary(place).getNDArrayInternal().rsub(size - 1);
  }

  /** How many is an attribute before operator set 10; which end is said from 11 on. */
  private static Step topK(OnnxNode node) throws FormatException {
    boolean asInput = node.opset() >= 10;
    node.requireInputs(asInput ? 2 : 1, asInput ? 2 : 1);
    long fixed = asInput ? 0 : node.requiredInteger("k");
    long axis = node.integer("axis", -1);
    boolean largest = node.opset() < 11 || node.flag("largest", true);
    if (node.opset() >= 11) {
      // in order is one of the orders that unsorted ones may have
      node.flag("sorted", true);
    }
    return in -> {
      int at = in.axis(axis, in.rank(0));
      long length = in.shape(0).get(at);
      long count = asInput ? in.single(1).longAt(0) : fixed;
      if (count < 1 || count > length) {
        throw in.problem(
            "more values asked for than there are",
            "1 to " + length + " along axis " + at,
            count,
            "check the shape of the network's input");
      }
      in.requireRoom(in.shape(0), 12);
      NDList found = OperatorCall.run(new Reductions.TopK(count, at, largest), in.array(0));
      return List.of(OnnxValue.of(found.get(0)), OnnxValue.of(found.get(1)));
    };
  }
}
