package org.vpns.internal.onnx;

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
    return HostTensor.made(
        a.type(),
        shape,
        i -> wrap(a.type(), longs.applyAsLong(a.longAt(x[i]), b.longAt(y[i]))),
        i -> reals.applyAsDouble(a.doubleAt(x[i]), b.doubleAt(y[i])));
  }

  /** A comparison: 1 where it holds. */
  static HostTensor compare(
      Operands in,
      HostTensor a,
      HostTensor b,
      LongBinaryOperator longs,
      DoubleBinaryOperator reals) {
    HostTensor results = binary(in, a, b, longs, reals);
    return HostTensor.of(ElementType.BOOL, results.shape(), results.toLongs());
  }

  /** Each element by itself. */
  static HostTensor unary(HostTensor a, LongUnaryOperator longs, DoubleUnaryOperator reals) {
    return HostTensor.made(
        a.type(),
        a.shape(),
        i -> wrap(a.type(), longs.applyAsLong(a.longAt(i))),
        i -> reals.applyAsDouble(a.doubleAt(i)));
  }

  /** The elements in another type; floats lose their fraction. */
  static HostTensor cast(HostTensor a, ElementType type) {
    return HostTensor.made(
        type,
        a.shape(),
        i -> type == ElementType.BOOL ? (a.doubleAt(i) != 0 ? 1 : 0) : wrap(type, a.longAt(i)),
        i -> type.rounded(a.doubleAt(i)));
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
