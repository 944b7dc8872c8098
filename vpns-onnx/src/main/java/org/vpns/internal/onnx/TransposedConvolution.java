package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.OperatorCall;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/**
 * Transposed convolution as files have it, with sizes of the result in many ways; run by {@link
 * org.vpns.internal.graph.op.TransposedConvolution}.
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
    long[] cut = cut(in, window);
    requireResult(in, out, window, stride, dilation, cut);
    return OperatorCall.run(
            new org.vpns.internal.graph.op.TransposedConvolution(
                new Shape(stride), Longs.asList(cut), new Shape(dilation), groups),
            in.array(0),
            in.array(1),
            in.has(2) ? in.array(2) : null)
        .singletonOrThrow();
  }

  /** What is cut from the whole result, begins, then ends; below 0 where zeros are added. */
  private long[] cut(Operands in, long[] window) {
    int axes = window.length;
    long[] result = new long[2 * axes];
    long[] stride = Windows.orAll(in, "strides", strides, axes, 1);
    long[] dilation = Windows.orAll(in, "dilations", dilations, axes, 1);
    long[] given = Windows.orAll(in, "pads", pads, 2 * axes, 0);
    long[] added = Windows.orAll(in, "output_padding", more, axes, 0).clone();
    long[] wanted = sizes;
    if (wanted != null && wanted.length == axes + 2) {
      wanted = Arrays.copyOfRange(wanted, 2, axes + 2);
    }
    for (int i = 0; i < axes; i++) {
      long reach = Math.multiplyExact(window[i] - 1, dilation[i]);
      long size = in.shape(0).get(i + 2);
      long full = Math.addExact(Math.multiplyExact(size - 1, stride[i]), reach + 1 + added[i]);
      long first = auto.equals("NOTSET") ? given[i] : 0;
      long last = auto.equals("NOTSET") ? given[i + axes] : 0;
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
      result[i] = first;
      result[i + axes] = last - added[i];
    }
    return result;
  }

  /** Room for the values spread apart, and a result that has some. */
  private static void requireResult(
      Operands in, long channels, long[] window, long[] stride, long[] dilation, long[] cut) {
    Shape x = in.shape(0);
    int axes = window.length;
    long[] spread = x.getShape().clone();
    long[] sizes = new long[axes];
    for (int i = 0; i < axes; i++) {
      long reach = Math.multiplyExact(window[i] - 1, dilation[i]);
      spread[2 + i] = Math.multiplyExact(x.get(2 + i), stride[i]);
      long begin = Math.subtractExact(reach, cut[i]);
      // the zeros behind the last value belong to the border already
      long end = Math.subtractExact(reach - (stride[i] - 1), cut[i + axes]);
      sizes[i] = Math.addExact(spread[2 + i], Math.addExact(begin, end));
      if (sizes[i] < window[i]) {
        throw in.problem(
            "padding removes the whole result",
            "a result of at least 1 along spatial axis " + i,
            "less",
            "use larger images");
      }
      long removed = Math.max(0, -begin) + Math.max(0, -end);
      if (removed > spread[2 + i]) {
        throw in.problem(
            "padding removes the whole input",
            "at most the " + spread[2 + i] + " positions of axis " + (2 + i) + " removed",
            removed,
            "use larger images");
      }
    }
    in.requireRoom(new Shape(spread), 2);
    long most = Math.max(channels, x.get(1));
    Shape result = in.requireRoom(Shapes.join(new long[] {x.get(0), most}, sizes));
    in.requireSums(result, Math.min(channels, x.get(1)), new Shape(window).size());
  }
}
