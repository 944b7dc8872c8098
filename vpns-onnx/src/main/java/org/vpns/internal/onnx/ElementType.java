package org.vpns.internal.onnx;

import ai.djl.ndarray.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * Element types of ONNX tensors that are read, with their numbers in the format.
 *
 * <p>The engine has no bfloat16, no 16-bit and no wide unsigned integers (asking for them ends the
 * whole process), and half precision is too coarse to train in: such values live in the next wider
 * type.
 */
enum ElementType {
  FLOAT(1, 4, DataType.FLOAT32),
  UINT8(2, 1, DataType.UINT8),
  INT8(3, 1, DataType.INT8),
  UINT16(4, 2, DataType.INT32),
  INT16(5, 2, DataType.INT32),
  INT32(6, 4, DataType.INT32),
  INT64(7, 8, DataType.INT64),
  BOOL(9, 1, DataType.BOOLEAN),
  FLOAT16(10, 2, DataType.FLOAT32),
  DOUBLE(11, 8, DataType.FLOAT64),
  UINT32(12, 4, DataType.INT64),
  UINT64(13, 8, DataType.INT64),
  BFLOAT16(16, 2, DataType.FLOAT32);

  // half precision: exponent of the least normal number, digits behind the point, largest number
  private static final int LEAST_HALF = -14;
  private static final int HALF_DIGITS = 10;
  private static final double MOST_HALF = 65504;

  private final int number;
  private final int width;
  private final DataType engineType;

  ElementType(int number, int width, DataType engineType) {
    this.number = number;
    this.width = width;
    this.engineType = engineType;
  }

  /** Number in the format. */
  int number() {
    return number;
  }

  /** Bytes of one element in raw data. */
  int width() {
    return width;
  }

  /** The engine's type that holds the values. */
  DataType engineType() {
    return engineType;
  }

  boolean isFloat() {
    return engineType.isFloating();
  }

  /** The nearest value of half precision, which is kept in a wider type; others stay. */
  double rounded(double value) {
    if (this != FLOAT16 || !Double.isFinite(value)) {
      return value;
    }
    double step = Math.scalb(1.0, Math.max(LEAST_HALF, Math.getExponent(value)) - HALF_DIGITS);
    double result = Math.rint(value / step) * step;
    return Math.abs(result) > MOST_HALF ? Math.copySign(Double.POSITIVE_INFINITY, value) : result;
  }

  /** The type of this number, or null. */
  static @Nullable ElementType find(int number) {
    for (ElementType type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return null;
  }

  /** The type in which results of the engine's type are kept. */
  static ElementType of(DataType engineType) {
    return switch (engineType) {
      case FLOAT64 -> DOUBLE;
      case INT64 -> INT64;
      case INT32 -> INT32;
      case INT8 -> INT8;
      case UINT8 -> UINT8;
      case BOOLEAN -> BOOL;
      default -> FLOAT;
    };
  }
}
