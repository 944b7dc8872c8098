package org.vpns.io;

import java.nio.ByteBuffer;
import org.vpns.internal.io.HalfFloats;

/**
 * Elements of a buffer in the byte order of the buffer as Java numbers. Each method takes all that
 * the buffer holds and says how many elements these were; types that it does not know are an {@link
 * AssertionError}: the caller has looked.
 */
final class Elements {
  private Elements() {}

  /** Whether {@link #longs} reads it. */
  static boolean isInteger(TensorType type) {
    return switch (type) {
      case I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> true;
      default -> false;
    };
  }

  static int floats(TensorType type, ByteBuffer from, float[] into, int at) {
    int count = from.remaining() / type.width();
    int end = at + count;
    switch (type) {
      case F32 -> from.asFloatBuffer().get(into, at, count);
      case F64 -> {
        for (int i = at; i < end; i++) {
          into[i] = (float) from.getDouble();
        }
      }
      case F16 -> {
        for (int i = at; i < end; i++) {
          into[i] = HalfFloats.toFloat(from.getShort());
        }
      }
      case BF16 -> {
        for (int i = at; i < end; i++) {
          into[i] = HalfFloats.bfloat(from.getShort());
        }
      }
      default -> throw new AssertionError(type);
    }
    return count;
  }

  static int doubles(TensorType type, ByteBuffer from, double[] into, int at) {
    int count = from.remaining() / type.width();
    int end = at + count;
    switch (type) {
      case F64 -> from.asDoubleBuffer().get(into, at, count);
      case F32 -> {
        for (int i = at; i < end; i++) {
          into[i] = from.getFloat();
        }
      }
      case F16 -> {
        for (int i = at; i < end; i++) {
          into[i] = HalfFloats.toFloat(from.getShort());
        }
      }
      case BF16 -> {
        for (int i = at; i < end; i++) {
          into[i] = HalfFloats.bfloat(from.getShort());
        }
      }
      default -> throw new AssertionError(type);
    }
    return count;
  }

  /**
   * Unsigned 64-bit numbers above the largest long, and bytes of BOOL above 1, come as they are.
   */
  static int longs(TensorType type, ByteBuffer from, long[] into, int at) {
    int count = from.remaining() / type.width();
    if (type.width() == Long.BYTES) {
      from.asLongBuffer().get(into, at, count);
      return count;
    }
    for (int i = at; i < at + count; i++) {
      into[i] =
          switch (type) {
            case I32 -> from.getInt();
            case I16 -> from.getShort();
            case I8 -> from.get();
            case U32 -> from.getInt() & 0xffffffffL;
            case U16 -> from.getShort() & 0xffff;
            case U8, BOOL -> from.get() & 0xff;
            default -> throw new AssertionError(type);
          };
    }
    return count;
  }
}
