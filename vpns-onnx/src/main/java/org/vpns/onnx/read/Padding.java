package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.onnx.read.OnnxOperator.Step;

/** The operator {@code Pad}: a constant, the mirrored inside, the border, or the other end. */
final class Padding {
  private static final Set<String> MODES = Set.of("constant", "reflect", "edge", "wrap");

  private Padding() {}

  /** Widths are attributes before operator set 11, inputs from then on. */
  static Step prepare(OnnxNode node) throws OnnxFormatException {
    String mode = node.text("mode", "constant");
    if (!MODES.contains(mode)) {
      throw node.outOfRange("mode", "one of " + MODES, "'" + mode + "'");
    }
    if (node.opset() < 11) {
      node.requireInputs(1, 1);
      long[] pads = node.integers("pads");
      float value = node.real("value", 0);
      if (pads == null) {
        throw node.bad("attribute missing", "'pads'", "none", "export the model again");
      }
      return in -> List.of(padded(in, mode, pads, null, value));
    }
    node.requireInputs(2, 4);
    return in ->
        List.of(
            padded(
                in,
                mode,
                in.longs(1),
                in.has(3) ? in.longs(3) : null,
                in.has(2) ? in.single(2).doubleAt(0) : 0));
  }

  private static Value padded(
      Operands in, String mode, long[] pads, long @Nullable [] axes, double value) {
    int rank = in.rank(0);
    int length = axes == null ? rank : axes.length;
    if (pads.length != 2 * length) {
      throw in.problem(
          "widths of the padding do not fit the input",
          2 * length + " widths",
          pads.length,
          "check the shape of the network's input");
    }
    if (axes != null) {
      in.axes(axes, rank);
    }
    long[] begin = new long[rank];
    long[] end = new long[rank];
    long[] sizes = in.shape(0).getShape().clone();
    for (int i = 0; i < length; i++) {
      int axis = axes == null ? i : in.axis(axes[i], rank);
      begin[axis] = pads[i];
      end[axis] = pads[i + length];
      boolean fits = Math.abs(begin[axis] / 2) + Math.abs(end[axis] / 2) < Integer.MAX_VALUE / 2;
      sizes[axis] = fits ? sizes[axis] + begin[axis] + end[axis] : -1;
      if (sizes[axis] < 0) {
        throw in.problem(
            "width of the padding out of range",
            "at most the size of the input removed",
            Arrays.toString(pads),
            "check the shape of the network's input");
      }
    }
    in.requireRoom(new Shape(sizes));
    NDArray x = cropped(in, in.receiver(0), begin, end);
    return mode.equals("constant")
        ? Value.of(filled(in, x, begin, end, value))
        : Value.of(continued(in, x, mode, begin, end));
  }

  /** Negative widths remove. */
  private static NDArray cropped(Operands in, NDArray x, long[] begin, long[] end) {
    NDIndex index = new NDIndex();
    boolean crops = false;
    for (int axis = 0; axis < begin.length; axis++) {
      long size = x.getShape().get(axis);
      index.addSliceDim(Math.max(0, -begin[axis]), size - Math.max(0, -end[axis]));
      crops |= begin[axis] < 0 || end[axis] < 0;
    }
    return crops ? in.temporary(x.get(index)) : x;
  }

  private static NDArray filled(Operands in, NDArray x, long[] begin, long[] end, double value) {
    int rank = begin.length;
    long[] widths = new long[2 * rank];
    int outermost = rank;
    for (int axis = rank - 1; axis >= 0; axis--) {
      widths[2 * (rank - 1 - axis)] = Math.max(0, begin[axis]);
      widths[2 * (rank - 1 - axis) + 1] = Math.max(0, end[axis]);
      outermost = begin[axis] > 0 || end[axis] > 0 ? axis : outermost;
    }
    if (outermost == rank) {
      return x;
    }
    Shape used = new Shape(Arrays.copyOf(widths, 2 * (rank - outermost)));
    if (x.getDataType() == DataType.BOOLEAN) {
      NDArray numbers = in.temporary(x.toType(DataType.UINT8, false));
      return in.temporary(numbers.pad(used, value)).toType(DataType.BOOLEAN, false);
    }
    return x.pad(used, value);
  }

  private static NDArray continued(Operands in, NDArray x, String mode, long[] begin, long[] end) {
    NDArray result = x;
    for (int axis = 0; axis < begin.length; axis++) {
      long size = x.getShape().get(axis);
      int before = (int) Math.max(0, begin[axis]);
      int after = (int) Math.max(0, end[axis]);
      if (before + after > 0) {
        if (size == 0 || (mode.equals("reflect") && Math.max(before, after) >= size)) {
          throw in.problem(
              "padding as wide as its source",
              "less than " + size + " along axis " + axis,
              Math.max(before, after),
              "check the shape of the network's input");
        }
        long[] places = new long[Math.toIntExact(before + size + after)];
        for (int i = 0; i < places.length; i++) {
          places[i] = source(mode, i - before, size);
        }
        result = in.temporary(Lookup.along(in, Value.of(result), axis, places));
      }
    }
    return result;
  }

  private static long source(String mode, long place, long size) {
    return switch (mode) {
      case "edge" -> Math.max(0, Math.min(size - 1, place));
      case "wrap" -> Math.floorMod(place, size);
      default -> place < 0 ? -place : place < size ? place : 2 * (size - 1) - place;
    };
  }
}
