package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/**
 * Operators that take the positions of an axis up to a border, which moves from one to the next.
 */
final class TriangleOperators {
  private TriangleOperators() {}

  static void addTo(OperatorTable table) {
    table.both(11, "CumSum", TriangleOperators::runningSum);
    table.both(14, "Trilu", TriangleOperators::triangle);
  }

  private static Step runningSum(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    boolean exclusive = node.flag("exclusive", false);
    boolean reverse = node.flag("reverse", false);
    return in -> {
      int axis = in.axis(in.single(1).longAt(0), in.rank(0));
      return List.of(
          in.onHost(0)
              ? OnnxValue.of(runningSum(in.host(0), axis, exclusive, reverse))
              : OnnxValue.of(runningSum(in, axis, exclusive, reverse)));
    };
  }

  private static HostTensor runningSum(HostTensor x, int axis, boolean exclusive, boolean reverse) {
    int stride = (int) Shapes.product(x.shape(), axis + 1, x.shape().dimension());
    int length = (int) x.shape().get(axis);
    int step = reverse ? -stride : stride;
    long[] longs = new long[x.size()];
    double[] reals = new double[x.size()];
    for (int k = 0; k < x.size(); k++) {
      int i = reverse ? x.size() - 1 - k : k;
      int position = i / stride % length;
      boolean first = position == (reverse ? length - 1 : 0);
      int before = i - step;
      longs[i] =
          first ? (exclusive ? 0 : x.longAt(i)) : longs[before] + x.longAt(exclusive ? before : i);
      reals[i] =
          first
              ? (exclusive ? 0 : x.doubleAt(i))
              : reals[before] + x.doubleAt(exclusive ? before : i);
    }
    return HostTensor.made(x.type(), x.shape(), i -> longs[i], i -> reals[i]);
  }

  /** Sums of 1, 2, 4, 8 ... positions, each of two of those before. */
  private static NDArray runningSum(Operands in, int axis, boolean exclusive, boolean reverse) {
    long length = in.shape(0).get(axis);
    in.requireRoom(in.shape(0), 3L * (Long.SIZE - Long.numberOfLeadingZeros(length)));
    NDArray sum = in.array(0);
    for (long by = 1; by < length; by *= 2) {
      sum = in.temporary(sum.add(moved(in, sum, axis, by, reverse)));
    }
    return exclusive && length > 0 ? moved(in, sum, axis, 1, reverse) : sum;
  }

  /** Values further along an axis, zeros where they came from. */
  private static NDArray moved(Operands in, NDArray x, int axis, long by, boolean back) {
    Shape shape = x.getShape();
    long length = shape.get(axis);
    NDIndex stay = new NDIndex().addAllDim(axis);
    stay.addSliceDim(back ? by : 0, back ? length : length - by);
    NDArray part = in.temporary(x.get(stay));
    // the last axis comes first
    long[] widths = new long[2 * (shape.dimension() - axis)];
    widths[widths.length - (back ? 1 : 2)] = by;
    return in.temporary(part.pad(new Shape(widths), 0));
  }

  /** The border is an input, which names a diagonal. */
  private static Step triangle(OnnxNode node) throws FormatException {
    node.requireInputs(1, 2);
    boolean upper = node.flag("upper", true);
    return in -> {
      int rank = in.rank(0);
      in.requireRank(0, 2, Integer.MAX_VALUE);
      int rows = (int) in.shape(0).get(rank - 2);
      int columns = (int) in.shape(0).get(rank - 1);
      long border = in.has(1) ? in.single(1).longAt(0) : 0;
      // beyond the corners all borders are alike
      long diagonal = Math.max(-(long) rows, Math.min(columns, border));
      // a table of its own, and larger than an empty tensor of such matrices
      in.requireRoom(new Shape(rows, columns), 2);
      HostTensor kept = kept(rows, columns, diagonal, upper);
      if (in.onHost(0)) {
        HostTensor x = in.host(0);
        int each = Math.max(1, kept.size());
        return List.of(
            OnnxValue.of(
                HostTensor.made(
                    x.type(),
                    x.shape(),
                    i -> kept.longAt(i % each) == 0 ? 0 : x.longAt(i),
                    i -> kept.longAt(i % each) == 0 ? 0 : x.doubleAt(i))));
      }
      in.requireRoom(in.shape(0), 3);
      NDArray x = in.array(0);
      // chosen, not computed: what is left out may be infinite
      NDArray chosen = in.temporary(in.constant(kept).broadcast(in.shape(0)));
      NDArray zeros = in.temporary(x.zerosLike());
      return List.of(OnnxValue.of(x.getNDArrayInternal().where(chosen, zeros)));
    };
  }

  private static HostTensor kept(int rows, int columns, long diagonal, boolean upper) {
    long[] kept = new long[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < kept.length; i++) {
      long above = i % columns - i / columns - diagonal;
      kept[i] = (upper ? above >= 0 : above <= 0) ? 1 : 0;
    }
    return HostTensor.of(ElementType.BOOL, new Shape(rows, columns), kept);
  }
}
