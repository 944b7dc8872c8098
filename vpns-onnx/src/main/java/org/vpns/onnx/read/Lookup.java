package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.util.ArrayList;
import java.util.List;
import org.vpns.onnx.read.Value.OnDevice;
import org.vpns.onnx.read.Value.Origin;

/**
 * Parts of an array at given places along an axis, by operators as plain as possible: slices, or a
 * product with zeros and ones, before a look-up that hardly any format or graph has.
 */
final class Lookup {
  private static final int MAX_RUNS = 64;
  private static final long MAX_PRODUCT = 1 << 24;

  private Lookup() {}

  /** Places that follow one another at one distance. */
  private record Run(long first, long last, long step) {}

  /** The parts at the given places, which are in range. */
  static NDArray along(Operands in, Value value, int axis, long[] places) {
    NDArray x = in.receiver(value);
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
    return rows(in, value, x, axis, places);
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
  private static NDArray rows(Operands in, Value value, NDArray x, int axis, long[] places) {
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
    NDArray taken = taken(in, value, rows, places);
    if (rank != 2) {
      taken = in.temporary(taken).reshape(Shapes.join(new long[] {places.length}, rest.getShape()));
    }
    return axis == 0 ? taken : in.temporary(taken).transpose(back);
  }

  /** Tables of parameters are finite, so zeros times their other rows vanish exactly. */
  private static NDArray taken(Operands in, Value value, NDArray rows, long[] places) {
    long columns = rows.getShape().get(0);
    boolean parameter =
        value instanceof OnDevice device
            && device.origin() == Origin.PARAMETER
            && rows.getDataType().isFloating();
    if (!parameter || columns * places.length > MAX_PRODUCT) {
      NDArray at = in.constant(HostTensor.vector(places));
      return rows.getNDArrayInternal().embedding(at, rows, SparseFormat.DENSE).singletonOrThrow();
    }
    double[] chosen = new double[Math.toIntExact(columns * places.length)];
    for (int i = 0; i < places.length; i++) {
      chosen[(int) (i * columns + places[i])] = 1;
    }
    ElementType type = ElementType.of(rows.getDataType());
    NDArray selection = in.constant(HostTensor.of(type, new Shape(places.length, columns), chosen));
    return selection.matMul(rows);
  }
}
