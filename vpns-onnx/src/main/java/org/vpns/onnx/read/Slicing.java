package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which elements of each axis a slice takes.
 *
 * @param first index of the first one
 * @param step distance to the next, not 0
 * @param count how many
 * @param open whether it runs to the end of the axis, however long that is
 */
record Slicing(long[] first, long[] step, long[] count, boolean[] open) {

  /** Brings bounds that count from the end or lie outside into range. */
  static Slicing of(
      Operands in, long[] starts, long[] ends, long @Nullable [] axes, long @Nullable [] steps) {
    int rank = in.rank(0);
    int length = starts.length;
    if (ends.length != length
        || (axes == null ? length > rank : axes.length != length)
        || (steps != null && steps.length != length)) {
      throw in.problem(
          "bounds of a slice differ in number",
          length + " of each",
          ends.length + " ends",
          "export the model again");
    }
    Slicing result =
        new Slicing(
            new long[rank], new long[rank], in.shape(0).getShape().clone(), new boolean[rank]);
    Arrays.fill(result.step, 1);
    Arrays.fill(result.open, true);
    if (axes != null) {
      in.axes(axes, rank);
    }
    for (int i = 0; i < length; i++) {
      int axis = axes == null ? i : in.axis(axes[i], rank);
      result.set(in, axis, starts[i], ends[i], steps == null ? 1 : steps[i]);
    }
    return result;
  }

  private void set(Operands in, int axis, long start, long end, long by) {
    if (by == 0) {
      throw in.problem("slice without a step", "a step other than 0", by, "correct the model");
    }
    long size = count[axis];
    boolean forward = by > 0;
    long from = start < 0 ? start + size : start;
    long to = end < 0 ? end + size : end;
    from = Math.max(0, Math.min(from, forward ? size : size - 1));
    to = forward ? Math.max(0, Math.min(to, size)) : Math.max(-1, Math.min(to, size - 1));
    // steps longer than the axis take one element, whatever their length
    long stride = Math.max(-size - 1, Math.min(by, size + 1));
    long distance = forward ? to - from : from - to;
    first[axis] = from;
    step[axis] = stride;
    count[axis] = distance <= 0 ? 0 : (distance - 1) / Math.abs(stride) + 1;
    open[axis] = forward && to == size && count[axis] > 0;
  }

  Value apply(Operands in) {
    Shape result = new Shape(count);
    if (in.onHost(0)) {
      long[] strides = Shapes.strides(in.shape(0));
      long offset = 0;
      for (int i = 0; i < strides.length; i++) {
        offset += first[i] * strides[i];
        strides[i] *= step[i];
      }
      return Value.of(in.host(0).picked(Shapes.places(result, offset, strides), result));
    }
    if (result.equals(in.shape(0)) && Arrays.stream(step).allMatch(s -> s > 0)) {
      return in.value(0);
    }
    return Value.of(taken(in, in.receiver(0)));
  }

  private NDArray taken(Operands in, NDArray x) {
    int[] backward = IntStream.range(0, step.length).filter(i -> step[i] < 0).toArray();
    NDArray source = backward.length == 0 ? x : in.temporary(x.flip(backward));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < step.length; i++) {
      long from = step[i] < 0 ? in.shape(0).get(i) - 1 - first[i] : first[i];
      long by = Math.abs(step[i]);
      text.append(i == 0 ? "" : ", ");
      if (count[i] == 0) {
        text.append("0:0");
      } else if (open[i] && from == 0 && by == 1) {
        text.append(":");
      } else {
        text.append(from).append(':');
        text.append(open[i] ? "" : Long.toString(from + (count[i] - 1) * by + 1));
        text.append(by == 1 ? "" : ":" + by);
      }
    }
    return source.get(new NDIndex(text.toString()));
  }
}
