package org.vpns.onnx.read;

import ai.djl.ndarray.types.Shape;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Element-wise arithmetic in Java, for the shape arithmetic of exporters. Integers of fewer than 64
 * bits wrap around as theirs would; floats are rounded after each operation, so results are those
 * of single precision.
 */
final class HostMath {
  private HostMath() {}

  /** Both operands broadcast and combined. */
  static HostTensor binary(
      Operands in,
      HostTensor a,
      HostTensor b,
      LongBinaryOperator longs,
      DoubleBinaryOperator reals) {
    Shape shape = Shapes.broadcast(in, a.shape(), b.shape());
    int[] x = Shapes.broadcastPlaces(a.shape(), shape);
    int[] y = Shapes.broadcastPlaces(b.shape(), shape);
    if (a.isFloat()) {
      double[] result = new double[x.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = reals.applyAsDouble(a.doubleAt(x[i]), b.doubleAt(y[i]));
      }
      return HostTensor.of(a.type(), shape, result);
    }
    long[] result = new long[x.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = wrap(a.type(), longs.applyAsLong(a.longAt(x[i]), b.longAt(y[i])));
    }
    return HostTensor.of(a.type(), shape, result);
  }

  /** A comparison: 1 where it holds. */
  static HostTensor compare(
      Operands in,
      HostTensor a,
      HostTensor b,
      LongBinaryOperator longs,
      DoubleBinaryOperator reals) {
    Shape shape = Shapes.broadcast(in, a.shape(), b.shape());
    int[] x = Shapes.broadcastPlaces(a.shape(), shape);
    int[] y = Shapes.broadcastPlaces(b.shape(), shape);
    long[] result = new long[x.length];
    for (int i = 0; i < result.length; i++) {
      result[i] =
          a.isFloat()
              ? (long) reals.applyAsDouble(a.doubleAt(x[i]), b.doubleAt(y[i]))
              : longs.applyAsLong(a.longAt(x[i]), b.longAt(y[i]));
    }
    return HostTensor.of(ElementType.BOOL, shape, result);
  }

  /** Each element by itself. */
  static HostTensor unary(HostTensor a, LongUnaryOperator longs, DoubleUnaryOperator reals) {
    if (a.isFloat()) {
      double[] result = a.toDoubles();
      for (int i = 0; i < result.length; i++) {
        result[i] = reals.applyAsDouble(result[i]);
      }
      return HostTensor.of(a.type(), a.shape(), result);
    }
    long[] result = a.toLongs();
    for (int i = 0; i < result.length; i++) {
      result[i] = wrap(a.type(), longs.applyAsLong(result[i]));
    }
    return HostTensor.of(a.type(), a.shape(), result);
  }

  /** The elements in another type; floats lose their fraction. */
  static HostTensor cast(HostTensor a, ElementType type) {
    if (type.isFloat()) {
      return HostTensor.of(type, a.shape(), a.toDoubles());
    }
    long[] result = a.toLongs();
    for (int i = 0; i < result.length; i++) {
      result[i] = type == ElementType.BOOL ? (a.doubleAt(i) != 0 ? 1 : 0) : wrap(type, result[i]);
    }
    return HostTensor.of(type, a.shape(), result);
  }

  private static long wrap(ElementType type, long value) {
    return switch (type) {
      case INT32 -> (int) value;
      case INT16 -> (short) value;
      case INT8 -> (byte) value;
      case UINT8 -> value & 0xff;
      case UINT16 -> value & 0xffff;
      case UINT32 -> value & 0xffffffffL;
      case BOOL -> value == 0 ? 0 : 1;
      default -> value;
    };
  }
}
