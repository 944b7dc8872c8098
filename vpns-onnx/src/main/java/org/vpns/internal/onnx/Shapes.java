package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Arithmetic of shapes. */
final class Shapes {
  private Shapes() {}

  /** The common shape of operands of an element-wise operator. */
  static Shape broadcast(Operands in, Shape a, Shape b) {
    int rank = Math.max(a.dimension(), b.dimension());
    long[] result = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.dimension() ? a.get(a.dimension() - i) : 1;
      long y = i <= b.dimension() ? b.get(b.dimension() - i) : 1;
      if (x != y && x != 1 && y != 1) {
        throw in.problem(
            "shapes do not fit together",
            "equal sizes, or 1, axis by axis from the end",
            a + " and " + b,
            "check the shape of the network's input");
      }
      result[rank - i] = x == 1 ? y : x;
    }
    return in.requireRoom(new Shape(result));
  }

  /** Sizes from one axis to before another one. */
  static long[] part(Shape shape, int from, int to) {
    return Arrays.copyOfRange(shape.getShape(), from, to);
  }

  /** Elements over the axes from one to before another one. */
  static long product(Shape shape, int from, int to) {
    return LongStream.of(part(shape, from, to)).reduce(1, (x, y) -> x * y);
  }

  /** Sizes of several parts in a row. */
  static Shape join(long[]... parts) {
    return new Shape(Arrays.stream(parts).flatMapToLong(LongStream::of).toArray());
  }

  /** Row-major strides, in elements. */
  static long[] strides(Shape shape) {
    long[] strides = new long[shape.dimension()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.get(i);
    }
    return strides;
  }

  /**
   * For each element of a result, in order, its place in a source: {@code offset} plus the sum of
   * index times stride over the axes.
   */
  static int[] places(Shape result, long offset, long[] strides) {
    int[] places = new int[(int) result.size()];
    long[] index = new long[strides.length];
    long at = offset;
    for (int i = 0; i < places.length; i++) {
      places[i] = (int) at;
      for (int axis = strides.length - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++index[axis] < result.get(axis)) {
          break;
        }
        at -= strides[axis] * index[axis];
        index[axis] = 0;
      }
    }
    return places;
  }

  /** Places of the elements of a tensor that is broadcast to a shape. */
  static int[] broadcastPlaces(Shape from, Shape to) {
    long[] own = strides(from);
    long[] strides = new long[to.dimension()];
    int shift = to.dimension() - from.dimension();
    for (int i = 0; i < own.length; i++) {
      strides[i + shift] = from.get(i) == 1 ? 0 : own[i];
    }
    return places(to, 0, strides);
  }

  /** The axes of a list as the engine wants them. */
  static Shape of(List<Long> sizes) {
    return new Shape(sizes.stream().mapToLong(Long::longValue).toArray());
  }
}
