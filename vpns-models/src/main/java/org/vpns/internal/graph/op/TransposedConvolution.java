package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Longs;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;

/**
 * Transposed convolution: each value of x adds the weight, times itself, to the result. Inputs x,
 * weight (in, out / groups, kernel), optional bias. The engine's binding has no call of its own, so
 * it runs as a convolution with the turned weight over x with zeros between its values; those are
 * no multiply-adds of the layer.
 *
 * @param stride one number per spatial axis
 * @param cut what is cut from the result at the beginning of each axis, then at each end; below 0
 *     where zeros are added
 * @param dilation one number per spatial axis
 * @param groups number of groups of channels
 */
public record TransposedConvolution(Shape stride, List<Long> cut, Shape dilation, int groups)
    implements Layers.Weighted {
  /** Copies the list. */
  public TransposedConvolution {
    cut = ImmutableList.copyOf(cut);
  }

  @Override
  public String kind() {
    return "transposedConv";
  }

  @Override
  public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
    Shape x = present(in, 0, this);
    Shape weight = present(in, 1, this);
    int axes = stride.dimension();
    if (x.dimension() != axes + 2
        || weight.dimension() != axes + 2
        || cut.size() != 2 * axes
        || dilation.dimension() != axes
        || groups < 1
        || x.get(1) != -1 && x.get(1) != weight.get(0)
        || weight.get(0) % groups != 0) {
      throw misfit(this, "maps that fit the kernel", in);
    }
    Shape result = new Shape(x.get(0), weight.get(1) * groups);
    Arguments.requireBias(in, result.get(1), this);
    for (int i = 0; i < axes; i++) {
      long size = x.get(i + 2);
      long whole = (size - 1) * stride.get(i) + reach(weight, i) + 1;
      result = result.add(size == -1 ? -1 : whole - cut.get(i) - cut.get(i + axes));
    }
    return List.of(result);
  }

  private long reach(Shape weight, int axis) {
    return dilation.get(axis) * (weight.get(axis + 2) - 1);
  }

  @Override
  public long macs(List<@Nullable Shape> in, List<Shape> out) {
    return Arguments.knownBeside(1, present(in, 0, this))
        * Arguments.product(present(in, 1, this).getShape());
  }

  @Override
  public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
    Deque<NDArray> made = new ArrayDeque<>();
    try {
      int axes = stride.dimension();
      Shape weight = array(in, 1).getShape();
      long[] begin = new long[axes];
      long[] end = new long[axes];
      for (int i = 0; i < axes; i++) {
        begin[i] = reach(weight, i) - cut.get(i);
        // the zeros behind the last value belong to the border already
        end[i] = reach(weight, i) - cut.get(i + axes) - (stride.get(i) - 1);
      }
      NDArray x = spread(array(in, 0), made);
      Shape padding = new Shape(new long[axes]);
      if (Arrays.equals(begin, end) && Arrays.stream(begin).allMatch(p -> p >= 0)) {
        padding = new Shape(begin);
      } else {
        x = filled(cropped(x, begin, end, made), begin, end, made);
      }
      long[] ones = new long[axes];
      Arrays.fill(ones, 1);
      return one(
          x.getNDArrayInternal()
              .convolution(
                  x,
                  turned(array(in, 1), made),
                  in.length > 2 ? in[2] : null,
                  new Shape(ones),
                  padding,
                  dilation,
                  groups)
              .singletonOrThrow());
    } finally {
      made.forEach(NDArray::close);
    }
  }

  private static NDArray noted(NDArray array, Deque<NDArray> made) {
    made.push(array);
    return array;
  }

  /** Zeros behind each value, as many as the stride has steps between two. */
  private NDArray spread(NDArray x, Deque<NDArray> made) {
    if (Arrays.stream(stride.getShape()).allMatch(s -> s == 1)) {
      return x;
    }
    Shape shape = x.getShape();
    int axes = stride.dimension();
    long[] apart = Arrays.copyOf(shape.getShape(), 2 + 2 * axes);
    long[] result = shape.getShape().clone();
    long[] zeros = new long[4 * axes];
    for (int i = 0; i < axes; i++) {
      apart[2 + 2 * i] = shape.get(2 + i);
      apart[3 + 2 * i] = 1;
      zeros[4 * (axes - 1 - i) + 1] = stride.get(i) - 1;
      result[2 + i] = Math.multiplyExact(shape.get(2 + i), stride.get(i));
    }
    NDArray columns = noted(x.reshape(new Shape(apart)), made);
    NDArray padded = noted(columns.pad(new Shape(zeros), 0), made);
    return noted(padded.reshape(new Shape(result)), made);
  }

  private static NDArray cropped(NDArray x, long[] begin, long[] end, Deque<NDArray> made) {
    NDIndex index = new NDIndex().addAllDim(2);
    boolean crops = false;
    for (int i = 0; i < begin.length; i++) {
      boolean here = begin[i] < 0 || end[i] < 0;
      if (here) {
        index.addSliceDim(Math.max(0, -begin[i]), x.getShape().get(i + 2) - Math.max(0, -end[i]));
      } else {
        index.addAllDim();
      }
      crops |= here;
    }
    return crops ? noted(x.get(index), made) : x;
  }

  private static NDArray filled(NDArray x, long[] begin, long[] end, Deque<NDArray> made) {
    int axes = begin.length;
    long[] widths = new long[2 * axes];
    int outermost = axes;
    for (int i = axes - 1; i >= 0; i--) {
      widths[2 * (axes - 1 - i)] = Math.max(0, begin[i]);
      widths[2 * (axes - 1 - i) + 1] = Math.max(0, end[i]);
      outermost = begin[i] > 0 || end[i] > 0 ? i : outermost;
    }
    return outermost == axes
        ? x
        : noted(x.pad(new Shape(Arrays.copyOf(widths, 2 * (axes - outermost))), 0), made);
  }

  /** From (in, out / groups, window) to (out, in / groups, window), the window back to front. */
  private NDArray turned(NDArray weight, Deque<NDArray> made) {
    Shape shape = weight.getShape();
    int axes = shape.dimension() - 2;
    long[] window = shape.slice(2).getShape();
    NDArray result = weight;
    if (groups == 1) {
      int[] order = IntStream.range(0, axes + 2).toArray();
      order[0] = 1;
      order[1] = 0;
      result = noted(result.transpose(order), made);
    } else if (shape.get(0) != groups || shape.get(1) != 1) {
      long per = shape.get(0) / groups;
      int[] order = IntStream.range(0, axes + 3).toArray();
      order[1] = 2;
      order[2] = 1;
      long[] grouped = {groups, per, shape.get(1)};
      long[] rows = {groups * shape.get(1), per};
      result = noted(result.reshape(new Shape(Longs.concat(grouped, window))), made);
      result = noted(result.transpose(order), made);
      result = noted(result.reshape(new Shape(Longs.concat(rows, window))), made);
    }
    return Arrays.stream(window).allMatch(k -> k == 1)
        ? result
        : noted(result.flip(IntStream.range(2, axes + 2).toArray()), made);
  }
}
