package org.vpns.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.HalfFloats;
import org.vpns.io.TensorType;

/** The values of tensors, read where they lie in the file. */
final class StorageValues {
  private static final int CHUNK_BYTES = 1 << 20;

  private StorageValues() {}

  /** Takes one element's bytes. */
  interface Take {
    /** Element {@code index} in row-major order stands in the buffer from byte {@code at} on. */
    void accept(int index, ByteBuffer bytes, int at);
  }

  /** Puts elements of a floating type into an array; null for other types. */
  static @Nullable Take floats(TensorType type, float[] to) {
    return switch (type) {
      case F32 -> (index, bytes, at) -> to[index] = bytes.getFloat(at);
      case F64 -> (index, bytes, at) -> to[index] = (float) bytes.getDouble(at);
      case F16 -> (index, bytes, at) -> to[index] = HalfFloats.toFloat(bytes.getShort(at));
      case BF16 -> (index, bytes, at) -> to[index] = HalfFloats.bfloat(bytes.getShort(at));
      default -> null;
    };
  }

  /** Puts elements of a floating type into an array; null for other types. */
  static @Nullable Take doubles(TensorType type, double[] to) {
    return switch (type) {
      case F64 -> (index, bytes, at) -> to[index] = bytes.getDouble(at);
      case F32 -> (index, bytes, at) -> to[index] = bytes.getFloat(at);
      case F16 -> (index, bytes, at) -> to[index] = HalfFloats.toFloat(bytes.getShort(at));
      case BF16 -> (index, bytes, at) -> to[index] = HalfFloats.bfloat(bytes.getShort(at));
      default -> null;
    };
  }

  /** Puts elements of an integer type, or truth values, into an array; null for other types. */
  static @Nullable Take longs(TensorType type, long[] to) {
    return switch (type) {
      case I64 -> (index, bytes, at) -> to[index] = bytes.getLong(at);
      case I32 -> (index, bytes, at) -> to[index] = bytes.getInt(at);
      case I16 -> (index, bytes, at) -> to[index] = bytes.getShort(at);
      case I8 -> (index, bytes, at) -> to[index] = bytes.get(at);
      case U8 -> (index, bytes, at) -> to[index] = bytes.get(at) & 0xff;
      case BOOL -> (index, bytes, at) -> to[index] = truth(bytes.get(at));
      default -> null;
    };
  }

  private static long truth(byte value) {
    if (value != 0 && value != 1) {
      throw Problem.argument(
          "truth value damaged", "element of type BOOL", "0 or 1", value, "save the file again");
    }
    return value;
  }

  /**
   * Reads every element of a tensor. One that is no row-major run of its storage needs the memory
   * from its first to its last element.
   *
   * @param begin where the storage begins in the file
   */
  static void read(
      SeekableByteChannel channel, TensorView view, long begin, ByteOrder order, Take take)
      throws IOException {
    int width = view.type().width();
    long first = begin + view.offset() * width;
    if (!view.contiguous()) {
      ByteBuffer span = ByteBuffer.allocate((int) (view.span() * width)).order(order);
      Reading.fill(channel, span, first);
      view.walk((index, distance) -> take.accept(index, span, (int) distance * width));
      return;
    }
    long bytes = view.elements() * width;
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, bytes)).order(order);
    int index = 0;
    for (long at = 0; at < bytes; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), bytes - at));
      Reading.fill(channel, chunk, first + at);
      for (int byteAt = 0; byteAt < chunk.limit(); byteAt += width) {
        take.accept(index++, chunk, byteAt);
      }
    }
  }
}
