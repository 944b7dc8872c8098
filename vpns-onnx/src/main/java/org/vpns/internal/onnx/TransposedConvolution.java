package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/**
 * Transposed convolution by its definition: zeros between the values, then a convolution with the
 * turned weight. The engine's binding has no call of its own for it.
 *
 * @param strides per spatial axis, or null for 1
 * @param dilations likewise
 * @param pads what is cut from the result, begins, then ends, or null for 0
 * @param more what is added at the end, or null for 0
 * @param sizes spatial sizes of the result, or null if they follow
 * @param auto {@code NOTSET}, {@code SAME_UPPER}, {@code SAME_LOWER} or {@code VALID}
 */
record TransposedConvolution(
    int groups,
    long @Nullable [] kernel,
    long @Nullable [] strides,
    long @Nullable [] dilations,
    long @Nullable [] pads,
    long @Nullable [] more,
    long @Nullable [] sizes,
    String auto) {

  static Step prepare(OnnxNode node) throws FormatException {
    node.requireInputs(2, 3);
    Windows windows = Windows.read(node, false);
    TransposedConvolution prepared =
        new TransposedConvolution(
            node.integer("group", 1, 1, Integer.MAX_VALUE),
            Windows.sizes(node, "kernel_shape", 1),
            windows.strides(),
            windows.dilations(),
            windows.pads(),
            Windows.sizes(node, "output_padding", 0),
            Windows.sizes(node, "output_shape", 1),
            windows.auto());
    return in -> List.of(OnnxValue.of(prepared.apply(in)));
  }

  private NDArray apply(Operands in) {
    in.requireRank(0, 3, 5);
    in.requireRank(1, in.rank(0), in.rank(0));
    Shape shape = in.shape(0);
    Shape weight = in.shape(1);
    int axes = shape.dimension() - 2;
    long[] window = MatrixOperators.window(in, kernel);
    if (weight.size() == 0 || shape.size() == 0 || weight.get(0) % groups != 0) {
      throw in.problem(
          "group does not divide the input channels",
          "a divisor of " + weight.get(0),
          groups,
          "export the model again");
    }
    if (shape.get(1) != weight.get(0)) {
      throw in.problem(
          "input has another number of channels",
          weight.get(0),
          shape.get(1),
          "check the shape of the network's input");
    }
    long out = Math.multiplyExact(weight.get(1), (long) groups);
    if (in.has(2) && !in.shape(2).equals(new Shape(out))) {
      throw in.problem(
          "bias does not fit the weight", new Shape(out), in.shape(2), "export the model again");
    }
    long[] stride = Windows.orAll(in, "strides", strides, axes, 1);
    long[] dilation = Windows.orAll(in, "dilations", dilations, axes, 1);
    long[] begin = new long[axes];
    long[] end = new long[axes];
    borders(in, window, begin, end);
    NDArray x = spread(in, in.array(0), stride);
    // the zeros behind the last value belong to the border already
    for (int i = 0; i < axes; i++) {
      end[i] -= stride[i] - 1;
    }
    requireResult(in, out, window, begin, end, x.getShape());
    long[] padding = new long[axes];
    if (Arrays.equals(begin, end) && Arrays.stream(begin).allMatch(p -> p >= 0)) {
      padding = begin;
    } else {
      x = bordered(in, x, begin, end);
    }
    NDArray turned = turned(in, in.array(1), window.length);
    return x.getNDArrayInternal()
        .convolution(
            x,
            turned,
            in.has(2) ? in.array(2) : null,
            new Shape(ones(axes)),
            new Shape(padding),
            new Shape(dilation),
            groups)
        .singletonOrThrow();
  }

  private static long[] ones(int length) {
    long[] ones = new long[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Zeros around the spread values: a window's span less 1, less what the file cuts away. */
  private void borders(Operands in, long[] window, long[] begin, long[] end) {
    int axes = window.length;
    long[] stride = Windows.orAll(in, "strides", strides, axes, 1);
    long[] dilation = Windows.orAll(in, "dilations", dilations, axes, 1);
    long[] cut = Windows.orAll(in, "pads", pads, 2 * axes, 0);
    long[] added = Windows.orAll(in, "output_padding", more, axes, 0).clone();
    long[] wanted = sizes;
    if (wanted != null && wanted.length == axes + 2) {
      wanted = Arrays.copyOfRange(wanted, 2, axes + 2);
    }
    for (int i = 0; i < axes; i++) {
      long reach = Math.multiplyExact(window[i] - 1, dilation[i]);
      long size = in.shape(0).get(i + 2);
      long full = Math.addExact(Math.multiplyExact(size - 1, stride[i]), reach + 1 + added[i]);
      long first = auto.equals("NOTSET") ? cut[i] : 0;
      long last = auto.equals("NOTSET") ? cut[i + axes] : 0;
      if (wanted != null || auto.startsWith("SAME")) {
        long target =
            wanted != null
                ? Windows.orAll(in, "output_shape", wanted, axes, 1)[i]
                : Math.multiplyExact(size, stride[i]);
        long total = Math.max(0, full - target);
        first = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        last = total - first;
        added[i] += Math.max(0, target - full);
      }
      begin[i] = reach - first;
      end[i] = reach - last + added[i];
    }
  }

  private static void requireResult(
      Operands in, long channels, long[] window, long[] begin, long[] end, Shape spread) {
    long[] sizes = Shapes.part(spread, 2, spread.dimension());
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Math.addExact(sizes[i], Math.addExact(begin[i], end[i]));
      if (sizes[i] < window[i]) {
        throw in.problem(
            "padding removes the whole result",
            "a result of at least 1 along spatial axis " + i,
            "less",
            "use larger images");
      }
    }
    long most = Math.max(channels, spread.get(1));
    Shape result = in.requireRoom(Shapes.join(new long[] {spread.get(0), most}, sizes));
    in.requireSums(result, Math.min(channels, spread.get(1)), new Shape(window).size());
  }

  /** Zeros behind each value, as many as the stride has steps between two. */
  private static NDArray spread(Operands in, NDArray x, long[] stride) {
    if (Arrays.stream(stride).allMatch(s -> s == 1)) {
      return x;
    }
    Shape shape = x.getShape();
    int axes = stride.length;
    long[] apart = Arrays.copyOf(shape.getShape(), 2 + 2 * axes);
    long[] result = shape.getShape().clone();
    long[] zeros = new long[4 * axes];
    for (int i = 0; i < axes; i++) {
      apart[2 + 2 * i] = shape.get(2 + i);
      apart[3 + 2 * i] = 1;
      zeros[4 * (axes - 1 - i) + 1] = stride[i] - 1;
      result[2 + i] = Math.multiplyExact(shape.get(2 + i), stride[i]);
    }
    in.requireRoom(new Shape(result), 2);
    NDArray columns = in.temporary(x.reshape(new Shape(apart)));
    return in.temporary(in.temporary(columns.pad(new Shape(zeros), 0)).reshape(new Shape(result)));
  }

  private static NDArray bordered(Operands in, NDArray x, long[] begin, long[] end) {
    long[] before = LookupOperators.behindChannels(begin);
    long[] after = LookupOperators.behindChannels(end);
    NDArray cropped = LookupOperators.cropped(in, x, before, after);
    NDArray filled = LookupOperators.filled(in, cropped, before, after, 0);
    return filled == x ? x : in.temporary(filled);
  }

  /** From (in, out / groups, window) to (out, in / groups, window), the window back to front. */
  private NDArray turned(Operands in, NDArray weight, int axes) {
    Shape shape = weight.getShape();
    NDArray result = weight;
    long[] window = Shapes.part(shape, 2, shape.dimension());
    if (groups == 1) {
      int[] order = IntStream.range(0, axes + 2).toArray();
      order[0] = 1;
      order[1] = 0;
      result = in.temporary(result.transpose(order));
    } else if (shape.get(0) != groups || shape.get(1) != 1) {
      long per = shape.get(0) / groups;
      long[] grouped = {groups, per, shape.get(1)};
      int[] order = IntStream.range(0, axes + 3).toArray();
      order[1] = 2;
      order[2] = 1;
      result = in.temporary(result.reshape(Shapes.join(grouped, window)));
      result = in.temporary(result.transpose(order));
      long[] rows = {groups * shape.get(1), per};
      result = in.temporary(result.reshape(Shapes.join(rows, window)));
    }
    return Arrays.stream(window).allMatch(k -> k == 1)
        ? result
        : in.temporary(result.flip(IntStream.range(2, axes + 2).toArray()));
  }
}
