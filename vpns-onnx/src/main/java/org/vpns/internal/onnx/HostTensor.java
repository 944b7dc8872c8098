package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;

/**
 * A tensor in Java's memory, row-major: a constant, or a result of shape arithmetic. The array is
 * not copied; nobody writes to it.
 */
final class HostTensor {
  private final ElementType type;
  private final Shape shape;
  private final Object values;

  private HostTensor(ElementType type, Shape shape, Object values) {
    this.type = type;
    this.shape = shape;
    this.values = values;
  }

  /** Integers, or booleans as 0 and 1. */
  static HostTensor of(ElementType type, Shape shape, long[] values) {
    return new HostTensor(type, shape, values);
  }

  /** Values of a float type other than double. */
  static HostTensor of(ElementType type, Shape shape, float[] values) {
    return new HostTensor(type, shape, values);
  }

  /** Doubles, or values of another float type, which are rounded to it. */
  static HostTensor of(ElementType type, Shape shape, double[] values) {
    return type == ElementType.DOUBLE
        ? new HostTensor(type, shape, values)
        : made(type, shape, i -> 0, i -> values[i]);
  }

  /**
   * Elements made one by one: integers and booleans by the first function, those of a float type by
   * the second, rounded to it.
   */
  static HostTensor made(
      ElementType type, Shape shape, IntToLongFunction longs, IntToDoubleFunction reals) {
    int size = Math.toIntExact(shape.size());
    if (!type.isFloat()) {
      long[] values = new long[size];
      Arrays.setAll(values, longs);
      return new HostTensor(type, shape, values);
    }
    if (type == ElementType.DOUBLE) {
      double[] values = new double[size];
      Arrays.setAll(values, reals);
      return new HostTensor(type, shape, values);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) reals.applyAsDouble(i);
    }
    return new HostTensor(type, shape, values);
  }

  /** A vector of 64-bit integers. */
  static HostTensor vector(long... values) {
    return of(ElementType.INT64, new Shape(values.length), values);
  }

  ElementType type() {
    return type;
  }

  Shape shape() {
    return shape;
  }

  boolean isFloat() {
    return type.isFloat();
  }

  int size() {
    if (values instanceof long[] longs) {
      return longs.length;
    }
    return values instanceof float[] floats ? floats.length : ((double[]) values).length;
  }

  /** An element; of a float tensor, its integer part. */
  long longAt(int index) {
    return values instanceof long[] longs ? longs[index] : (long) doubleAt(index);
  }

  /** An element. */
  double doubleAt(int index) {
    if (values instanceof long[] longs) {
      return longs[index];
    }
    return values instanceof float[] floats ? floats[index] : ((double[]) values)[index];
  }

  /** Whether there are elements, and all are the same. */
  boolean isUniform() {
    for (int i = 1; i < size(); i++) {
      if (longAt(i) != longAt(0) || Double.compare(doubleAt(i), doubleAt(0)) != 0) {
        return false;
      }
    }
    return size() > 0;
  }

  /** All elements, as {@link #longAt}; a copy. */
  long[] toLongs() {
    long[] result = new long[size()];
    Arrays.setAll(result, this::longAt);
    return result;
  }

  /** All elements as doubles; a copy. */
  double[] toDoubles() {
    double[] result = new double[size()];
    Arrays.setAll(result, this::doubleAt);
    return result;
  }

  /** The same elements in another shape of as many. */
  HostTensor reshaped(Shape other) {
    return new HostTensor(type, other, values);
  }

  /** The elements at the given places, as a tensor of a shape. */
  HostTensor picked(int[] indices, Shape result) {
    return made(type, result, i -> longAt(indices[i]), i -> doubleAt(indices[i]));
  }

  /** A matrix with its axes exchanged. */
  HostTensor transposed() {
    int rows = (int) shape.get(0);
    int columns = (int) shape.get(1);
    IntUnaryOperator place = i -> i % rows * columns + i / rows;
    return made(
        type,
        new Shape(columns, rows),
        i -> longAt(place.applyAsInt(i)),
        i -> doubleAt(place.applyAsInt(i)));
  }

  /** A number for the engine's calls with a scalar operand; the tensor has one element. */
  Number number() {
    if (values instanceof long[] longs) {
      return longs[0];
    }
    return values instanceof float[] floats ? (Number) floats[0] : (Number) doubleAt(0);
  }

  /** An engine array of these values, which keeps memory of its own for as long as it is open. */
  NDArray toArray(NDManager manager) {
    if (size() == 0) {
      return manager.create(shape, type.engineType());
    }
    if (values instanceof float[] floats) {
      return manager.create(floats, shape);
    }
    if (values instanceof double[] doubles) {
      return manager.create(doubles, shape);
    }
    long[] longs = (long[]) values;
    return switch (type) {
      case BOOL -> {
        boolean[] flags = new boolean[longs.length];
        for (int i = 0; i < flags.length; i++) {
          flags[i] = longs[i] != 0;
        }
        yield manager.create(flags, shape);
      }
      case INT8, UINT8 -> {
        ByteBuffer bytes = ByteBuffer.allocateDirect(longs.length);
        for (int i = 0; i < longs.length; i++) {
          bytes.put(i, (byte) longs[i]);
        }
        yield manager.create(bytes, shape, type.engineType());
      }
      case INT16, UINT16, INT32 -> {
        int[] ints = new int[longs.length];
        Arrays.setAll(ints, i -> (int) longs[i]);
        yield manager.create(ints, shape);
      }
      default -> manager.create(longs, shape);
    };
  }

  @Override
  public String toString() {
    return type + " " + shape;
  }
}
