package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments that combine the values along axes. */
public final class Reductions {
  private Reductions() {}

  /** What becomes of the values. */
  public enum Kind {
    /** Their mean. */
    MEAN,
    /** Their sum. */
    SUM,
    /** The largest. */
    MAX,
    /** The smallest. */
    MIN,
    /** Their product. */
    PROD
  }

  /**
   * Combines the values along axes. The engine takes one axis at a time, but for sums.
   *
   * @param reduction what becomes of the values
   * @param axes the axes; negative from the back; empty for all
   * @param keep whether the axes stay, with length 1
   */
  public record Reduce(Kind reduction, List<Integer> axes, boolean keep) implements Operator {
    /** Copies the list. */
    public Reduce {
      axes = ImmutableList.copyOf(axes);
    }

    @Override
    public String kind() {
      return reduction.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray x = array(in, 0);
      int[] along = axes.stream().mapToInt(Integer::intValue).toArray();
      if (axes.isEmpty()) {
        return one(
            switch (reduction) {
              case MEAN -> x.mean();
              case SUM -> x.sum();
              case MAX -> x.max();
              case MIN -> x.min();
              case PROD -> x.prod();
            });
      }
      return one(
          switch (reduction) {
            case MEAN -> x.mean(along, keep);
            case SUM -> x.sum(along, keep);
            case MAX -> x.max(along, keep);
            case MIN -> x.min(along, keep);
            case PROD -> x.prod(along, keep);
          });
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      Set<Integer> gone = new HashSet<>();
      axes.forEach(a -> gone.add(Arguments.axis(a, x.dimension(), this)));
      Shape result = new Shape();
      for (int i = 0; i < x.dimension(); i++) {
        if (!gone.contains(i) && !axes.isEmpty()) {
          result = result.add(x.get(i));
        } else if (keep) {
          result = result.add(1);
        }
      }
      return List.of(result);
    }
  }

  /**
   * Position of the largest or smallest value along an axis, the first one of equals; the axis goes
   * away.
   *
   * @param smallest whether of the smallest
   * @param axis the axis; negative from the back
   */
  public record ArgExtreme(boolean smallest, int axis) implements Operator {
    @Override
    public String kind() {
      return smallest ? "argMin" : "argMax";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(smallest ? array(in, 0).argMin(axis) : array(in, 0).argMax(axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int at = Arguments.axis(axis, x.dimension(), this);
      return List.of(x.slice(0, at).addAll(x.slice(at + 1)));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      return DataType.INT64;
    }
  }

  /**
   * The largest or smallest values along an axis, in order, and their positions. Of equal values
   * the one in front comes first, whose order the engine's sorting leaves open.
   *
   * @param count how many
   * @param axis the axis; negative from the back
   * @param largest whether the largest, falling; else the smallest, rising
   */
  public record TopK(long count, int axis, boolean largest) implements Operator {
    @Override
    public String kind() {
      return "topK";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray x = array(in, 0);
      int along = Arguments.axis(axis, x.getShape().dimension(), this);
      NDArray places = places(x, along);
      return new NDArray[] {x.gather(places, along), places};
    }

    private NDArray places(NDArray x, int along) {
      long length = x.getShape().get(along);
      try (NDArray order = x.argSort(along, !largest);
          NDArray sorted = x.gather(order, along);
          NDArray head = sorted.get(NDIndex.sliceAxis(along, 0, 1));
          NDArray front = sorted.get(NDIndex.sliceAxis(along, 0, length - 1));
          NDArray before = NDArrays.concat(new NDList(head, front), along);
          NDArray rises = sorted.neq(before);
          NDArray steps = rises.toType(DataType.INT64, false);
          NDArray groups = steps.cumSum(along);
          // equal values share a group; within it, positions decide
          NDArray scaled = groups.mul(length);
          NDArray keys = scaled.add(order);
          NDArray settled = keys.sort(along);
          NDArray first = settled.get(NDIndex.sliceAxis(along, 0, count))) {
        return first.mod(length);
      }
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int along = Arguments.axis(axis, x.dimension(), this);
      long length = x.get(along);
      if (count < 1 || length != -1 && count > length) {
        throw misfit(this, "1 to " + length + " values", count);
      }
      long[] result = x.getShape().clone();
      result[along] = count;
      return List.of(new Shape(result), new Shape(result));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      return output == 1 ? DataType.INT64 : present(in, 0, this);
    }
  }

  /**
   * exp(x) / sum(exp(x)) along an axis, or its logarithm.
   *
   * @param axis the axis; negative from the back
   * @param log whether the logarithm
   */
  public record Softmax(int axis, boolean log) implements Operator {
    @Override
    public String kind() {
      return log ? "logSoftmax" : "softmax";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(log ? array(in, 0).logSoftmax(axis) : array(in, 0).softmax(axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      Arguments.axis(axis, x.dimension(), this);
      return List.of(x);
    }
  }
}
