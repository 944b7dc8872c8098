package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.vpns.io.FormatException;

/**
 * The attributes of a sliding window and where it comes to lie on an input.
 *
 * @param strides per spatial axis, or null for 1
 * @param dilations likewise
 * @param pads begins, then ends, or null for 0
 * @param auto {@code NOTSET}, {@code SAME_UPPER}, {@code SAME_LOWER} or {@code VALID}
 * @param ceil whether a last window may hang over the end
 */
record Windows(
    long @Nullable [] strides,
    long @Nullable [] dilations,
    long @Nullable [] pads,
    String auto,
    boolean ceil) {

  /** Reads the attributes that convolution and pooling share. */
  static Windows read(OnnxNode node, boolean ceil) throws FormatException {
    String auto = node.text("auto_pad", "NOTSET");
    switch (auto) {
      case "NOTSET", "", "SAME_UPPER", "SAME_LOWER", "VALID" -> {}
      default -> throw node.outOfRange("auto_pad", "NOTSET, SAME_UPPER, SAME_LOWER or VALID", auto);
    }
    return new Windows(
        sizes(node, "strides", 1),
        sizes(node, "dilations", 1),
        sizes(node, "pads", 0),
        auto.isEmpty() ? "NOTSET" : auto,
        ceil);
  }

  /** Sizes that the engine takes as 32-bit integers. */
  static long @Nullable [] sizes(OnnxNode node, String attribute, long least)
      throws FormatException {
    long[] sizes = node.integers(attribute);
    if (sizes != null) {
      for (long size : sizes) {
        if (size < least || size > Integer.MAX_VALUE) {
          throw node.outOfRange(
              attribute, "integers from " + least + " to 2^31 - 1", Arrays.toString(sizes));
        }
      }
    }
    return sizes;
  }

  /** Where the windows lie along the spatial axes of one input. */
  record Place(
      long[] kernel, long[] strides, long[] dilations, long[] begin, long[] end, long[] out) {

    /** Whether both sides of every axis are padded alike. */
    boolean symmetric() {
      return Arrays.equals(begin, end);
    }

    boolean padded() {
      return Arrays.stream(begin).anyMatch(p -> p > 0) || Arrays.stream(end).anyMatch(p -> p > 0);
    }

    boolean dilated() {
      return Arrays.stream(dilations).anyMatch(d -> d > 1);
    }

    /** Cells that a window spans along an axis, its own gaps included. */
    long span(int axis) {
      return (kernel[axis] - 1) * dilations[axis] + 1;
    }

    /**
     * Takes away padding behind the last window, of which old exporters that had no {@code
     * ceil_mode} wrote more than a window's width.
     */
    void cutUnreached(int axis, long size) {
      long reached = (out[axis] - 1) * strides[axis] + span(axis) - begin[axis] - size;
      if (end[axis] >= span(axis)) {
        end[axis] = Math.max(0, Math.min(end[axis], reached));
      }
    }

    /**
     * The padding for {@code NDArray.pad}, last axis first, under which windows without padding and
     * without hanging over come out at the same places.
     */
    Shape explicit(long[] spatial) {
      int axes = spatial.length;
      long[] result = new long[2 * axes];
      for (int axis = 0; axis < axes; axis++) {
        long needed = (out[axis] - 1) * strides[axis] + span(axis);
        result[2 * (axes - 1 - axis)] = begin[axis];
        result[2 * (axes - 1 - axis) + 1] = Math.max(0, needed - begin[axis] - spatial[axis]);
      }
      return new Shape(result);
    }
  }

  /** Places windows of a size on an input of shape (batch, channels, spatial axes). */
  Place place(Operands in, Shape shape, long[] kernel) {
    int axes = shape.dimension() - 2;
    requireLength(in, "kernel_shape", kernel, axes);
    long[] stride = orAll(in, "strides", strides, axes, 1);
    long[] dilation = orAll(in, "dilations", dilations, axes, 1);
    long[] given = orAll(in, "pads", pads, 2 * axes, 0);
    long[] begin = Arrays.copyOf(given, axes);
    long[] end = Arrays.copyOfRange(given, axes, 2 * axes);
    long[] out = new long[axes];
    for (int i = 0; i < axes; i++) {
      long size = shape.get(i + 2);
      long span = Math.addExact(Math.multiplyExact(kernel[i] - 1, dilation[i]), 1);
      if (!auto.equals("NOTSET")) {
        begin[i] = 0;
        end[i] = 0;
      }
      if (auto.startsWith("SAME")) {
        long windows = (size + stride[i] - 1) / stride[i];
        long missing = Math.max(0, (windows - 1) * stride[i] + span - size);
        long less = missing / 2;
        begin[i] = auto.equals("SAME_UPPER") ? less : missing - less;
        end[i] = missing - begin[i];
      }
      long room = size + begin[i] + end[i] - span;
      if (room < 0 || size == 0) {
        throw in.problem(
            "window larger than its input",
            "at most " + (size + begin[i] + end[i]) + " cells along spatial axis " + i,
            span,
            "use larger images");
      }
      out[i] = room / stride[i] + 1;
      // a window that would begin in the padding behind the input is left out
      if (ceil && room % stride[i] != 0 && out[i] * stride[i] < size + begin[i]) {
        out[i]++;
      }
    }
    in.requireRoom(
        Shapes.join(Shapes.part(shape, 0, 2), sum(Shapes.part(shape, 2, axes + 2), begin, end)));
    return new Place(kernel, stride, dilation, begin, end, out);
  }

  private static long[] sum(long[] a, long[] b, long[] c) {
    long[] result = new long[a.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = a[i] + b[i] + c[i];
    }
    return result;
  }

  static long[] orAll(
      Operands in, String attribute, long @Nullable [] sizes, int length, long otherwise) {
    if (sizes == null) {
      long[] result = new long[length];
      Arrays.fill(result, otherwise);
      return result;
    }
    requireLength(in, attribute, sizes, length);
    return sizes;
  }

  private static void requireLength(Operands in, String attribute, long[] sizes, int length) {
    if (sizes.length != length) {
      throw in.problem(
          "attribute does not fit the input: '" + attribute + "'",
          length + " entries for " + in.shape(0),
          sizes.length,
          "check the shape of the network's input");
    }
  }
}
