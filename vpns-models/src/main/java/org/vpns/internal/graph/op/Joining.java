package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.all;
import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.ex;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments that join arrays and take them apart. */
public final class Joining {
  private Joining() {}

  private static NDList others(@Nullable NDArray[] in) {
    NDList list = new NDList();
    for (int i = 1; i < in.length; i++) {
      list.add(array(in, i));
    }
    return list;
  }

  /**
   * Arrays one after the other along an axis that they have.
   *
   * @param axis the axis; negative from the back
   */
  public record Concat(int axis) implements Operator {
    @Override
    public String kind() {
      return "concat";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(ex(in).concat(others(in), axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape first = present(in, 0, this);
      int front = Arguments.axis(axis, first.dimension(), this);
      long[] result = first.getShape().clone();
      for (int i = 1; i < in.size(); i++) {
        Shape other = present(in, i, this);
        if (other.dimension() != result.length) {
          throw misfit(this, "arrays of one rank", in);
        }
        for (int d = 0; d < result.length; d++) {
          long length = other.get(d);
          if (d == front) {
            result[d] = result[d] == -1 || length == -1 ? -1 : result[d] + length;
          } else if (result[d] == -1) {
            result[d] = length;
          } else if (length != -1 && length != result[d]) {
            throw misfit(this, "arrays that differ on axis " + front + " only", in);
          }
        }
      }
      return List.of(new Shape(result));
    }
  }

  /**
   * Arrays of one shape one after the other along a new axis.
   *
   * @param axis the new axis
   */
  public record Stack(int axis) implements Operator {
    @Override
    public String kind() {
      return "stack";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(ex(in).stack(others(in), axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape first = present(in, 0, this);
      int front = Arguments.axis(axis, first.dimension() + 1, this);
      Shape result = first.slice(0, front).add(in.size());
      return List.of(result.addAll(first.slice(front)));
    }
  }

  /**
   * Pieces of an array along an axis.
   *
   * @param indices where each piece but the first begins
   * @param axis the axis; negative from the back
   */
  public record Split(List<Long> indices, int axis) implements Operator {
    /** Copies the list. */
    public Split {
      indices = ImmutableList.copyOf(indices);
    }

    @Override
    public String kind() {
      return "split";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      long[] begins = indices.stream().mapToLong(Long::longValue).toArray();
      return all(array(in, 0).split(begins, axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int front = Arguments.axis(axis, x.dimension(), this);
      List<Shape> result = new ArrayList<>();
      long begin = 0;
      for (int i = 0; i <= indices.size(); i++) {
        boolean last = i == indices.size();
        long end = last ? x.get(front) : indices.get(i);
        if (end < begin && !(last && end == -1)) {
          throw misfit(this, "indices that rise within " + x.get(front), in);
        }
        long[] piece = x.getShape().clone();
        piece[front] = end == -1 ? -1 : end - begin;
        result.add(new Shape(piece));
        begin = end;
      }
      return result;
    }
  }
}
