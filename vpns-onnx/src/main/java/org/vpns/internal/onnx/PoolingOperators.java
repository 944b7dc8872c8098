package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Pooling with windows and over all spatial axes. */
final class PoolingOperators {
  private PoolingOperators() {}

  static void addTo(OperatorTable table) {
    table.add("MaxPool", PoolingOperators::maxPool);
    table.add("AveragePool", PoolingOperators::averagePool);
    table.add("GlobalAveragePool", node -> global(node, true));
    table.add("GlobalMaxPool", node -> global(node, false));
    table.add("LRN", PoolingOperators::localResponse);
  }

  private static long[] kernel(OnnxNode node) throws FormatException {
    long[] kernel = Windows.sizes(node, "kernel_shape", 1);
    if (kernel == null) {
      throw node.bad("attribute missing", "'kernel_shape'", "none", "export the model again");
    }
    return kernel;
  }

  private static Windows.Place place(Operands in, Windows windows, long[] kernel) {
    in.requireRank(0, 3, 5);
    Windows.Place place = windows.place(in, in.shape(0), kernel);
    for (int axis = 0; axis < kernel.length; axis++) {
      place.cutUnreached(axis, in.shape(0).get(axis + 2));
      if (Math.max(place.begin()[axis], place.end()[axis]) >= place.span(axis)) {
        throw in.problem(
            "padding not smaller than the window",
            "less than " + place.span(axis) + " along spatial axis " + axis,
            Math.max(place.begin()[axis], place.end()[axis]),
            "export the model again");
      }
    }
    Shape result = Shapes.join(Shapes.part(in.shape(0), 0, 2), place.out());
    in.requireSums(in.requireRoom(result), kernel);
    return place;
  }

  /** The engine pads both sides alike and by at most half a window. */
  private static boolean fitsEngine(Windows.Place place) {
    boolean fits = place.symmetric() && !place.dilated();
    for (int axis = 0; axis < place.kernel().length; axis++) {
      fits &= 2 * place.begin()[axis] <= place.kernel()[axis];
    }
    return fits;
  }

  private static Shape none(Windows.Place place) {
    return new Shape(new long[place.kernel().length]);
  }

  private static NDArray padded(Operands in, NDArray x, Windows.Place place, double value) {
    Shape shape = x.getShape();
    Shape padding = place.explicit(Shapes.part(shape, 2, shape.dimension()));
    return Arrays.stream(padding.getShape()).allMatch(p -> p == 0)
        ? x
        : in.temporary(x.pad(padding, value));
  }

  private static Step maxPool(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    if (node.wants(1)) {
      // they count through the images of a batch too, so that no image has its own
      throw node.bad(
          "positions of maxima not supported",
          "a network that reads the maxima alone",
          "a reader of '" + node.outputs().get(1) + "'",
          "export the network without what reads them, such as MaxUnpool");
    }
    long[] kernel = kernel(node);
    boolean ceil = node.flag("ceil_mode", false);
    node.ignore("storage_order");
    Windows windows = Windows.read(node, ceil);
    return in -> {
      Windows.Place place = place(in, windows, kernel);
      DataType type = in.engineType(0);
      NDArray x = in.array(0);
      x = type.isFloating() ? x : in.temporary(x.toType(DataType.FLOAT32, false));
      NDArray result = maximum(in, x, place, ceil);
      return List.of(
          OnnxValue.of(type.isFloating() ? result : in.temporary(result).toType(type, false)));
    };
  }

  private static NDArray maximum(Operands in, NDArray x, Windows.Place place, boolean ceil) {
    Shape kernel = new Shape(place.kernel());
    Shape strides = new Shape(place.strides());
    if (fitsEngine(place)) {
      return x.getNDArrayInternal().maxPool(kernel, strides, new Shape(place.begin()), ceil);
    }
    NDArray padded = padded(in, x, place, Double.NEGATIVE_INFINITY);
    return place.dilated()
        ? combined(in, padded, place, NDArray::maximum)
        : padded.getNDArrayInternal().maxPool(kernel, strides, none(place), false);
  }

  /** Which cells of a window its divisor counts. */
  private enum Counted {
    INSIDE,
    PADDED,
    ALL
  }

  private static Step averagePool(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    long[] kernel = kernel(node);
    boolean ceil = node.flag("ceil_mode", false);
    boolean countPadding = node.flag("count_include_pad", false);
    Counted counted =
        !countPadding ? Counted.INSIDE : node.opset() < 19 ? Counted.ALL : Counted.PADDED;
    Windows windows = Windows.read(node, ceil);
    return in -> List.of(OnnxValue.of(average(in, place(in, windows, kernel), ceil, counted)));
  }

  /**
   * The engine counts padding as part of a window whatever it is told, and divides windows that
   * hang over the end by the part inside. So everything out of the ordinary is padded first, until
   * all windows are full; the divisor is corrected afterwards. Padding that does not count is left
   * out, and so are cells that hang over, unless padding counts and the file is older than operator
   * set 19, which made that clear.
   */
  private static NDArray average(Operands in, Windows.Place place, boolean ceil, Counted counted) {
    NDArray x = in.array(0);
    Shape kernel = new Shape(place.kernel());
    Shape strides = new Shape(place.strides());
    if (fitsEngine(place) && !ceil && (counted != Counted.INSIDE || !place.padded())) {
      return x.getNDArrayInternal().avgPool(kernel, strides, new Shape(place.begin()), false, true);
    }
    NDArray padded = padded(in, x, place, 0);
    NDArray result =
        place.dilated()
            ? in.temporary(combined(in, padded, place, NDArray::add)).div(kernel.size())
            : padded.getNDArrayInternal().avgPool(kernel, strides, none(place), false, true);
    if (counted == Counted.ALL) {
      return result;
    }
    HostTensor factors = factors(in, place, counted == Counted.PADDED);
    boolean exact = Arrays.stream(factors.toDoubles()).allMatch(f -> f == 1);
    return exact ? result : in.temporary(result).mul(in.constant(factors));
  }

  /** Cells of a whole window over its cells that count, for each window. */
  private static HostTensor factors(Operands in, Windows.Place place, boolean countPadding) {
    Shape shape = in.shape(0);
    Shape out = new Shape(place.out());
    double[] factors = new double[(int) in.requireRoom(out).size()];
    Arrays.fill(factors, 1);
    long stride = 1;
    for (int axis = place.out().length - 1; axis >= 0; axis--) {
      long size = shape.get(axis + 2);
      size += countPadding ? place.begin()[axis] + place.end()[axis] : 0;
      for (int i = 0; i < factors.length; i++) {
        long window = i / stride % place.out()[axis];
        long first = window * place.strides()[axis];
        first -= countPadding ? 0 : place.begin()[axis];
        long gap = place.dilations()[axis];
        long before = Math.max(0, -Math.floorDiv(first, gap));
        long until = Math.min(place.kernel()[axis], -Math.floorDiv(first - size, gap));
        factors[i] *= until > before ? (double) place.kernel()[axis] / (until - before) : 0;
      }
      stride *= place.out()[axis];
    }
    return HostTensor.of(
        ElementType.of(in.engineType(0)), Shapes.join(new long[] {1, 1}, place.out()), factors);
  }

  /** The cells of the windows one after another, axis by axis: the way for windows with gaps. */
  private static NDArray combined(
      Operands in, NDArray padded, Windows.Place place, BinaryOperator<NDArray> combine) {
    NDArray result = padded;
    for (int axis = 0; axis < place.out().length; axis++) {
      long cells = place.kernel()[axis];
      long length = (place.out()[axis] - 1) * place.strides()[axis] + 1;
      in.requireRoom(result.getShape(), 2 * cells);
      NDArray line = null;
      for (long cell = 0; cell < cells; cell++) {
        long first = cell * place.dilations()[axis];
        NDIndex index =
            new NDIndex()
                .addAllDim(axis + 2)
                .addSliceDim(first, first + length, place.strides()[axis]);
        NDArray part = in.temporary(result.get(index));
        line = line == null ? part : in.temporary(combine.apply(line, part));
      }
      result = Objects.requireNonNull(line);
    }
    return result;
  }

  private static Step global(OnnxNode node, boolean average) throws FormatException {
    node.requireInputs(1, 1);
    return in -> {
      in.requireRank(0, 3, 5);
      Shape shape = in.shape(0);
      NDArray x = in.array(0);
      NDArray pooled =
          in.temporary(
              average
                  ? x.getNDArrayInternal().globalAvgPool()
                  : x.getNDArrayInternal().globalMaxPool());
      long[] ones = new long[shape.dimension() - 2];
      Arrays.fill(ones, 1);
      return List.of(OnnxValue.of(pooled.reshape(Shapes.join(Shapes.part(shape, 0, 2), ones))));
    };
  }

  /** {@code x / (bias + alpha / size * sum of squares over size channels) ^ beta}. */
  private static Step localResponse(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    float alpha = node.real("alpha", 1e-4f);
    float beta = node.real("beta", 0.75f);
    float bias = node.real("bias", 1);
    node.requiredInteger("size");
    int size = node.integer("size", 1, 1, 1024);
    return in -> {
      in.requireRank(0, 3, 5);
      NDArray x = in.array(0);
      long[] padding = new long[2 * (in.rank(0) - 1)];
      padding[padding.length - 2] = (size - 1) / 2;
      padding[padding.length - 1] = size / 2;
      in.requireRoom(in.shape(0), 2L * size);
      NDArray squares = in.temporary(in.temporary(x.mul(x)).pad(new Shape(padding), 0));
      long channels = in.shape(0).get(1);
      NDArray sum = in.temporary(squares.get(NDIndex.sliceAxis(1, 0, channels)));
      for (int i = 1; i < size; i++) {
        NDArray shifted = in.temporary(squares.get(NDIndex.sliceAxis(1, i, i + channels)));
        sum = in.temporary(sum.add(shifted));
      }
      NDArray base = in.temporary(in.temporary(sum.mul(alpha / size)).add(bias));
      return List.of(OnnxValue.of(x.div(in.temporary(base.pow(beta)))));
    };
  }
}
