package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments that change an array's shape, or the order of its axes. */
public final class Shaping {
  private Shaping() {}

  /**
   * The same values, row-major, in another shape.
   *
   * @param shape lengths of the axes; 0 = as the input's axis of that position, -1 (once) = what
   *     remains
   */
  public record Reshape(List<Long> shape) implements Operator {
    /** Copies the list. */
    public Reshape {
      shape = ImmutableList.copyOf(shape);
    }

    /** From a shape. */
    public static Reshape to(long... shape) {
      return new Reshape(LongStream.of(shape).boxed().toList());
    }

    @Override
    public String kind() {
      return "reshape";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray x = array(in, 0);
      return one(x.reshape(new Shape(copied(x.getShape()))));
    }

    private long[] copied(Shape x) {
      long[] result = new long[shape.size()];
      for (int i = 0; i < result.length; i++) {
        long length = shape.get(i);
        if (length < -1 || length == 0 && i >= x.dimension()) {
          throw misfit(this, "lengths, 0 or -1", x);
        }
        result[i] = length == 0 ? x.get(i) : length;
      }
      return result;
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      long[] result = copied(x);
      int free = shape.indexOf(-1L);
      if (free != shape.lastIndexOf(-1L)) {
        throw misfit(this, "-1 at most once", shape);
      }

      // axes that are copied, known or not, drop out of the comparison of sizes
      long from = 1;
      long to = 1;
      boolean known = true;
      for (int i = 0; i < Math.max(x.dimension(), result.length); i++) {
        boolean isCopied = i < shape.size() && shape.get(i) == 0;
        if (!isCopied && i < x.dimension()) {
          known &= x.get(i) != -1;
          from = x.get(i) == -1 ? from : Arguments.product(from, x.get(i));
        }
        if (!isCopied && i < result.length && i != free) {
          to = Arguments.product(to, result[i]);
        }
      }
      if (known && (free >= 0 ? to == 0 || from % to != 0 : from != to)) {
        throw misfit(this, "as many values as before", x);
      }
      if (known && free >= 0) {
        result[free] = from / to;
      }
      return List.of(new Shape(result));
    }

    @Override
    public @Nullable Operator generalise(Operator other, Sizes sizes) {
      if (!(other instanceof Reshape that) || that.shape.size() != shape.size()) {
        return null;
      }
      Shape x = present(sizes.inputs(), 0, this);
      Shape otherX = present(sizes.otherInputs(), 0, this);
      List<Long> result = new ArrayList<>(shape);
      for (int i = 0; i < result.size(); i++) {
        long here = shape.get(i);
        long there = that.shape.get(i);
        if (here != there) {
          boolean copies =
              i < x.dimension() && here == x.get(i) && there == otherX.get(i) && here > 0;
          if (!copies && result.contains(-1L)) {
            return null;
          }
          result.set(i, copies ? 0L : -1L);
        }
      }
      if (result.size() == 2 && result.get(0) == 0 && result.get(1) > 0) {
        // flattened maps: the number of channels is no business of the operator's
        result.set(1, -1L);
      }
      return new Reshape(result);
    }
  }

  /**
   * Axes in another order.
   *
   * @param permutation for each new axis, the old one
   */
  public record Transpose(List<Integer> permutation) implements Operator {
    /** Copies the list. */
    public Transpose {
      permutation = ImmutableList.copyOf(permutation);
    }

    /** Two axes exchanged. */
    public static Transpose swapping(int rank, int axis, int otherAxis) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
      int a = axis < 0 ? axis + rank : axis;
      int b = otherAxis < 0 ? otherAxis + rank : otherAxis;
      order.set(a, b);
      order.set(b, a);
      return new Transpose(order);
    }

    @Override
    public String kind() {
      return "transpose";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      int[] order = permutation.stream().mapToInt(Integer::intValue).toArray();
      return one(array(in, 0).transpose(order));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      List<Integer> sorted = permutation.stream().sorted().toList();
      if (!sorted.equals(IntStream.range(0, x.dimension()).boxed().toList())) {
        throw misfit(this, "each of " + x.dimension() + " axes once", x);
      }
      return List.of(new Shape(permutation.stream().mapToLong(x::get).toArray()));
    }
  }

  /**
   * Axes of length 1 taken away.
   *
   * @param axes the axes; negative from the back
   */
  public record Squeeze(List<Integer> axes) implements Operator {
    /** Copies the list. */
    public Squeeze {
      axes = ImmutableList.copyOf(axes);
    }

    @Override
    public String kind() {
      return "squeeze";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray x = array(in, 0);
      int rank = x.getShape().dimension();
      return one(x.squeeze(axes.stream().mapToInt(a -> a < 0 ? a + rank : a).toArray()));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      List<Integer> gone = axes.stream().map(a -> Arguments.axis(a, x.dimension(), this)).toList();
      if (gone.stream().anyMatch(a -> x.get(a) != 1)) {
        throw misfit(this, "axes of length 1", x);
      }
      return List.of(
          new Shape(
              IntStream.range(0, x.dimension())
                  .filter(i -> !gone.contains(i))
                  .mapToLong(x::get)
                  .toArray()));
    }
  }

  /**
   * A new axis of length 1.
   *
   * @param axis its position; negative from the back
   */
  public record ExpandDims(int axis) implements Operator {
    @Override
    public String kind() {
      return "expandDims";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(array(in, 0).expandDims(axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int front = Arguments.axis(axis, x.dimension() + 1, this);
      return List.of(x.slice(0, front).add(1).addAll(x.slice(front)));
    }
  }

  /**
   * Values repeated along axes of length 1.
   *
   * @param shape lengths of the axes; 0 = the batch, -1 = as long as in the input
   */
  public record Broadcast(List<Long> shape) implements Operator {
    /** Copies the list. */
    public Broadcast {
      shape = ImmutableList.copyOf(shape);
    }

    @Override
    public String kind() {
      return "broadcast";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(array(in, 0).broadcast(new Shape(withBatch(shape, pass.batch()))));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      long[] result = withBatch(shape, batch);
      Shape x = present(in, 0, this);
      if (x.dimension() > result.length) {
        throw misfit(this, "at most " + result.length + " axes", x);
      }
      for (int i = 0; i < result.length; i++) {
        int from = i - (result.length - x.dimension());
        if (shape.get(i) == -1) {
          result[i] = from < 0 ? 0 : x.get(from);
        }
      }
      Arguments.broadcast(x, new Shape(result), this);
      return List.of(new Shape(result));
    }

    @Override
    public @Nullable Operator generalise(Operator other, Sizes sizes) {
      if (!(other instanceof Broadcast that) || that.shape.size() != shape.size()) {
        return null;
      }
      // constants that are repeated have no input yet
      Shape none = new Shape();
      Shape x = sizes.inputs().isEmpty() ? none : present(sizes.inputs(), 0, this);
      Shape otherX = sizes.otherInputs().isEmpty() ? none : present(sizes.otherInputs(), 0, this);
      List<Long> result = new ArrayList<>(shape);
      for (int i = 0; i < result.size(); i++) {
        long here = shape.get(i);
        long there = that.shape.get(i);
        int from = i - (result.size() - x.dimension());
        if (here != there && sizes.isBatch(here, there)) {
          result.set(i, 0L);
        } else if (here != there) {
          boolean kept = from >= 0 && here == x.get(from) && there == otherX.get(from);
          if (!kept) {
            return null;
          }
          result.set(i, -1L);
        }
      }
      return new Broadcast(result);
    }
  }

  /**
   * Values added around an array.
   *
   * @param padding numbers before and after, the last axis first
   * @param value the added value
   */
  public record Pad(Shape padding, double value) implements Operator {
    @Override
    public String kind() {
      return "pad";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(array(in, 0).pad(padding, value));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      if (padding.dimension() % 2 != 0 || padding.dimension() > 2 * x.dimension()) {
        throw misfit(this, "two numbers for each of up to " + x.dimension() + " axes", padding);
      }
      long[] result = x.getShape().clone();
      for (int i = 0; i < padding.dimension() / 2; i++) {
        int axis = result.length - 1 - i;
        long added = padding.get(2 * i) + padding.get(2 * i + 1);
        if (result[axis] == -1 ? added != 0 : result[axis] + added < 0) {
          throw misfit(this, "padding that leaves something", x);
        }
        result[axis] = result[axis] == -1 ? -1 : result[axis] + added;
      }
      return List.of(new Shape(result));
    }
  }

  /**
   * Values in reverse order along axes.
   *
   * @param axes the axes
   */
  public record Flip(List<Integer> axes) implements Operator {
    /** Copies the list. */
    public Flip {
      axes = ImmutableList.copyOf(axes);
    }

    @Override
    public String kind() {
      return "flip";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(array(in, 0).flip(axes.stream().mapToInt(Integer::intValue).toArray()));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      axes.forEach(a -> Arguments.axis(a, x.dimension(), this));
      return List.of(x);
    }
  }

  /** A shape whose zeros mean the batch. */
  static long[] withBatch(List<Long> shape, long batch) {
    return shape.stream().mapToLong(d -> d == 0 ? batch : d).toArray();
  }
}
