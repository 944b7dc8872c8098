package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Operators that join values or take parts of them that follow one another. */
final class PartOperators {
  private PartOperators() {}

  static void addTo(OperatorTable table) {
    table.both("Concat", PartOperators::concat);
    table.both("Split", PartOperators::split);
    table.both("Slice", PartOperators::slice);
  }

  private static Step concat(OnnxNode node) throws FormatException {
    node.requireEachInput();
    long axis = node.requiredInteger("axis");
    return in -> List.of(in.count() == 1 ? in.value(0) : joined(in, in.axis(axis, in.rank(0))));
  }

  private static OnnxValue joined(Operands in, int axis) {
    long[] sizes = in.shape(0).getShape().clone();
    for (int i = 1; i < in.count(); i++) {
      long[] other = in.shape(i).getShape().clone();
      boolean fits = other.length == sizes.length && in.engineType(i) == in.engineType(0);
      long added = fits ? other[axis] : 0;
      if (fits) {
        other[axis] = sizes[axis];
      }
      if (!Arrays.equals(other, sizes)) {
        throw in.problem(
            "inputs cannot be joined",
            in.engineType(0) + " " + in.shape(0) + " but for axis " + axis,
            in.engineType(i) + " " + in.shape(i),
            "check the shape of the network's input");
      }
      sizes[axis] += added;
    }
    Shape shape = in.requireRoom(new Shape(sizes));
    if (in.allOnHost()) {
      return OnnxValue.of(joinedOnHost(in, axis, shape));
    }
    NDList arrays = new NDList();
    for (int i = 0; i < in.count(); i++) {
      if (in.shape(i).get(axis) > 0 || i == in.count() - 1 && arrays.isEmpty()) {
        arrays.add(in.array(i)); // what is empty adds nothing
      }
    }
    return OnnxValue.of(NDArrays.concat(arrays, axis));
  }

  private static HostTensor joinedOnHost(Operands in, int axis, Shape shape) {
    boolean real = in.host(0).isFloat();
    double[] reals = new double[real ? (int) shape.size() : 0];
    long[] longs = new long[real ? 0 : (int) shape.size()];
    long[] strides = Shapes.strides(shape);
    long offset = 0;
    for (int i = 0; i < in.count(); i++) {
      HostTensor part = in.host(i);
      int[] places = Shapes.places(part.shape(), offset, strides);
      for (int k = 0; k < places.length; k++) {
        if (real) {
          reals[places[k]] = part.doubleAt(k);
        } else {
          longs[places[k]] = part.longAt(k);
        }
      }
      offset += part.shape().get(axis) * strides[axis];
    }
    ElementType type = in.host(0).type();
    return real ? HostTensor.of(type, shape, reals) : HostTensor.of(type, shape, longs);
  }

  /** Sizes are an attribute before operator set 13, an input from then on; or parts are equal. */
  private static Step split(OnnxNode node) throws FormatException {
    long[] attribute = node.opset() < 13 ? node.integers("split") : null;
    node.requireInputs(1, node.opset() < 13 ? 1 : 2);
    long axis = node.integer("axis", 0);
    int parts = node.outputs().size();
    if (node.hasAttribute("num_outputs") && node.integer("num_outputs", parts) != parts) {
      throw node.outOfRange("num_outputs", parts, node.integer("num_outputs", parts));
    }
    return in -> {
      int at = in.axis(axis, in.rank(0));
      long size = in.shape(0).get(at);
      long[] sizes =
          attribute != null ? attribute : in.has(1) ? in.longs(1) : equalParts(size, parts);
      long total = 0;
      for (long part : sizes) {
        total = part < 0 || part > size ? -1 : total + part;
        if (total < 0) {
          break;
        }
      }
      if (sizes.length != parts || total != size) {
        throw in.problem(
            "parts do not add up",
            parts + " parts of " + size + " in all",
            Arrays.toString(sizes),
            "check the shape of the network's input");
      }
      return parts(in, at, sizes);
    };
  }

  private static long[] equalParts(long size, int parts) {
    long each = (size + parts - 1) / parts;
    return LongStream.range(0, parts)
        .map(i -> Math.max(0, Math.min(each, size - i * each)))
        .toArray();
  }

  private static List<OnnxValue> parts(Operands in, int axis, long[] sizes) {
    if (sizes.length == 1) {
      return List.of(in.value(0));
    }
    List<OnnxValue> result = new ArrayList<>();
    if (!in.onHost(0)) {
      long[] borders = new long[sizes.length - 1];
      for (int i = 0; i < borders.length; i++) {
        borders[i] = sizes[i] + (i == 0 ? 0 : borders[i - 1]);
      }
      for (NDArray part : in.array(0).split(borders, axis)) {
        result.add(OnnxValue.of(part));
      }
      return result;
    }
    long[] strides = Shapes.strides(in.shape(0));
    long offset = 0;
    for (long size : sizes) {
      long[] shape = in.shape(0).getShape().clone();
      shape[axis] = size;
      int[] places = Shapes.places(new Shape(shape), offset, strides);
      result.add(OnnxValue.of(in.host(0).picked(places, new Shape(shape))));
      offset += size * strides[axis];
    }
    return result;
  }

  /** A part with bounds from anywhere. */
  static List<OnnxValue> sliced(
      Operands in, long[] starts, long[] ends, long @Nullable [] axes, long @Nullable [] steps) {
    return List.of(Slicing.of(in, starts, ends, axes, steps).apply(in));
  }

  /** Bounds are attributes before operator set 10, inputs from then on. */
  private static Step slice(OnnxNode node) throws FormatException {
    if (node.opset() < 10) {
      node.requireInputs(1, 1);
      long[] starts = node.integers("starts");
      long[] ends = node.integers("ends");
      long[] axes = node.integers("axes");
      if (starts == null || ends == null) {
        throw node.bad(
            "attribute missing", "'starts' and 'ends'", "none", "export the model again");
      }
      return in -> sliced(in, starts, ends, axes, null);
    }
    node.requireInputs(3, 5);
    return in ->
        List.of(
            Slicing.of(
                    in,
                    in.longs(1),
                    in.longs(2),
                    in.has(3) ? in.longs(3) : null,
                    in.has(4) ? in.longs(4) : null)
                .apply(in));
  }

  /**
   * Which elements of each axis a slice takes.
   *
   * @param first index of the first one
   * @param step distance to the next, not 0
   * @param count how many
   * @param open whether it runs to the end of the axis, however long that is
   */
  private record Slicing(long[] first, long[] step, long[] count, boolean[] open) {

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

    OnnxValue apply(Operands in) {
      Shape result = new Shape(count);
      if (in.onHost(0)) {
        long[] strides = Shapes.strides(in.shape(0));
        long offset = 0;
        for (int i = 0; i < strides.length; i++) {
          offset += first[i] * strides[i];
          strides[i] *= step[i];
        }
        return OnnxValue.of(in.host(0).picked(Shapes.places(result, offset, strides), result));
      }
      if (result.equals(in.shape(0)) && Arrays.stream(step).allMatch(s -> s > 0)) {
        return in.value(0);
      }
      return OnnxValue.of(taken(in, in.array(0)));
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
}
