package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.Origin;
import org.vpns.io.FormatException;

/** Operators whose results take elements from given places along an axis. */
final class LookupOperators {
  private static final Set<String> PADDINGS = Set.of("constant", "reflect", "edge", "wrap");
  private static final int MAX_RUNS = 64;
  private static final long MAX_PRODUCT = 1 << 24;

  private LookupOperators() {}

  static void addTo(OperatorTable table) {
    table.both("Gather", LookupOperators::gather);
    table.add("Pad", LookupOperators::pad);
  }

  private static Step gather(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    long axis = node.integer("axis", 0);
    return in -> {
      int at = in.axis(axis, in.rank(0));
      return List.of(in.onHost(1) ? gathered(in, at, in.host(1)) : ImageLookups.rows(in, at));
    };
  }

  private static OnnxValue gathered(Operands in, int axis, HostTensor given) {
    Shape shape = in.shape(0);
    long size = shape.get(axis);
    long[] indices = given.toLongs();
    for (int i = 0; i < indices.length; i++) {
      indices[i] += indices[i] < 0 ? size : 0;
      if (given.isFloat() || indices[i] < 0 || indices[i] >= size) {
        throw in.problem(
            "index out of range",
            "integers from " + -size + " to " + (size - 1),
            given.doubleAt(i),
            "check the shape of the network's input");
      }
    }
    Shape result =
        in.requireRoom(
            Shapes.join(
                Shapes.part(shape, 0, axis),
                given.shape().getShape(),
                Shapes.part(shape, axis + 1, shape.dimension())));
    if (in.onHost(0)) {
      return OnnxValue.of(in.host(0).picked(places(shape, axis, indices), result));
    }
    if (given.shape().isScalar()) {
      return OnnxValue.of(in.array(0).get(new NDIndex().addAllDim(axis).addIndices(indices[0])));
    }
    NDArray taken = along(in, in.value(0), axis, indices);
    return OnnxValue.of(
        given.shape().dimension() == 1 ? taken : in.temporary(taken).reshape(result));
  }

  private static int[] places(Shape shape, int axis, long[] indices) {
    long inner = Shapes.product(shape, axis + 1, shape.dimension());
    long outer = Shapes.product(shape, 0, axis);
    int[] places = new int[(int) (outer * indices.length * inner)];
    int at = 0;
    for (long o = 0; o < outer; o++) {
      for (long index : indices) {
        for (long i = 0; i < inner; i++) {
          places[at++] = (int) ((o * shape.get(axis) + index) * inner + i);
        }
      }
    }
    return places;
  }

  /** Widths are attributes before operator set 11, inputs from then on. */
  private static Step pad(OnnxNode node) throws FormatException {
    String mode = node.text("mode", "constant");
    if (!PADDINGS.contains(mode)) {
      throw node.outOfRange("mode", "one of " + PADDINGS, "'" + mode + "'");
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

  private static OnnxValue padded(
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
    NDArray x = cropped(in, in.array(0), begin, end);
    return mode.equals("constant")
        ? OnnxValue.of(filled(in, x, begin, end, value))
        : OnnxValue.of(continued(in, x, mode, begin, end));
  }

  /** Negative widths remove. */
  private static NDArray cropped(Operands in, NDArray x, long[] begin, long[] end) {
    NDIndex index = new NDIndex();
    boolean crops = false;
    for (int axis = 0; axis < begin.length; axis++) {
      long size = x.getShape().get(axis);
      if (begin[axis] >= 0 && end[axis] >= 0) {
        index.addAllDim();
        continue;
      }
      long from = Math.max(0, -begin[axis]);
      long to = size - Math.max(0, -end[axis]);
      if (from > to) {
        throw in.problem(
            "padding removes the whole input",
            "at most the " + size + " positions of axis " + axis + " removed",
            from + size - to,
            "use larger images");
      }
      index.addSliceDim(from, to);
      crops = true;
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
        result = in.temporary(along(in, OnnxValue.of(result), axis, places));
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

  /** Places that follow one another at one distance. */
  private record Run(long first, long last, long step) {}

  /**
   * The parts at the given places, which are in range, by operators as plain as possible: slices,
   * or a product with zeros and ones, before a look-up that hardly any format or graph has.
   */
  private static NDArray along(Operands in, OnnxValue value, int axis, long[] places) {
    NDArray x = in.array(value);
    List<Run> runs = runs(places);
    if (runs.size() == 1) {
      return slice(x, axis, runs.get(0));
    }
    if (!runs.isEmpty() && runs.size() <= MAX_RUNS) {
      NDList parts = new NDList();
      for (Run run : runs) {
        parts.add(in.temporary(slice(x, axis, run)));
      }
      return NDArrays.concat(parts, axis);
    }
    return isTable(value, x, axis, places)
        ? rows(in, x, axis, places)
        : lookedUp(in, x, axis, places);
  }

  /** Whether a product with zeros and ones is affordable, and what it selects from is finite. */
  private static boolean isTable(OnnxValue value, NDArray x, int axis, long[] places) {
    return value instanceof OnDevice device
        && device.origin() == Origin.PARAMETER
        && x.getDataType().isFloating()
        && x.getShape().get(axis) * places.length <= MAX_PRODUCT;
  }

  private static NDArray lookedUp(Operands in, NDArray x, int axis, long[] places) {
    NDIndex index = new NDIndex().addAllDim(axis + 1);
    index.getIndices().set(axis, new NDIndexTake(in.constant(HostTensor.vector(places))));
    return x.get(index);
  }

  /** The parts at the given places, which are in range, by slices or by a look-up. */
  static NDArray taken(Operands in, NDArray x, int axis, long[] places) {
    return along(in, OnnxValue.of(x), axis, places);
  }

  private static NDArray slice(NDArray x, int axis, Run run) {
    return x.get(
        new NDIndex().addAllDim(axis).addSliceDim(run.first(), run.last() + 1, run.step()));
  }

  /** As few runs as come from taking each as long as it gets; more than the limit are not told. */
  private static List<Run> runs(long[] places) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < places.length && runs.size() <= MAX_RUNS; ) {
      int end = i + 1;
      long step = end < places.length ? places[end] - places[i] : 1;
      while (step > 0 && end < places.length && places[end] - places[end - 1] == step) {
        end++;
      }
      runs.add(new Run(places[i], places[end - 1], Math.max(1, step)));
      i = end;
    }
    return runs;
  }

  /** The axis brought to the front and the others together: the parts are rows of a matrix. */
  private static NDArray rows(Operands in, NDArray x, int axis, long[] places) {
    Shape shape = x.getShape();
    int rank = shape.dimension();
    int[] order = new int[rank];
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == 0 ? axis : i <= axis ? i - 1 : i;
      back[order[i]] = i;
    }
    NDArray moved = axis == 0 ? x : in.temporary(x.transpose(order));
    Shape rest = moved.getShape().slice(1);
    NDArray rows = rank == 2 ? moved : in.temporary(moved.reshape(shape.get(axis), rest.size()));
    NDArray taken = selected(in, rows, places);
    if (rank != 2) {
      taken = in.temporary(taken).reshape(Shapes.join(new long[] {places.length}, rest.getShape()));
    }
    return axis == 0 ? taken : in.temporary(taken).transpose(back);
  }

  /** Tables of parameters are finite, so zeros times their other rows vanish exactly. */
  private static NDArray selected(Operands in, NDArray rows, long[] places) {
    long columns = rows.getShape().get(0);
    double[] chosen = new double[Math.toIntExact(columns * places.length)];
    for (int i = 0; i < places.length; i++) {
      chosen[(int) (i * columns + places[i])] = 1;
    }
    ElementType type = ElementType.of(rows.getDataType());
    NDArray selection = in.constant(HostTensor.of(type, new Shape(places.length, columns), chosen));
    return selection.matMul(rows);
  }
}
