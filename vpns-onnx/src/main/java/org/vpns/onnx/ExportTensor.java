package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;

/**
 * A stored array of a file.
 *
 * @param name name of the value
 * @param type element type
 * @param dimensions lengths of its axes; empty for a number
 * @param bytes gives the values, little-endian and row-major
 */
record ExportTensor(String name, DataType type, List<Long> dimensions, Supplier<ByteBuffer> bytes) {
  ExportTensor {
    dimensions = ImmutableList.copyOf(dimensions);
  }

  /** The format's number for an element type. */
  static int code(DataType type) {
    TensorProto.DataType number =
        switch (type) {
          case FLOAT32 -> TensorProto.DataType.FLOAT;
          case FLOAT64 -> TensorProto.DataType.DOUBLE;
          case FLOAT16 -> TensorProto.DataType.FLOAT16;
          case INT64 -> TensorProto.DataType.INT64;
          case INT32 -> TensorProto.DataType.INT32;
          case INT8 -> TensorProto.DataType.INT8;
          case UINT8 -> TensorProto.DataType.UINT8;
          case BOOLEAN -> TensorProto.DataType.BOOL;
          default -> throw new Unexportable("values of type " + type);
        };
    return number.getNumber();
  }

  /** Size of the values. */
  long size() {
    return dimensions.stream().reduce(type.getNumOfBytes() * 1L, Math::multiplyExact);
  }

  /** A list of integers. */
  static ExportTensor ints(String name, long... values) {
    ByteBuffer bytes = littleEndian(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return new ExportTensor(
        name, DataType.INT64, List.of((long) values.length), bytes::asReadOnlyBuffer);
  }

  /** Floats of a shape. */
  static ExportTensor floats(String name, List<Long> dimensions, float... values) {
    ByteBuffer bytes = littleEndian(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return new ExportTensor(name, DataType.FLOAT32, dimensions, bytes::asReadOnlyBuffer);
  }

  /** One number. */
  static ExportTensor scalar(String name, double value, DataType type) {
    ByteBuffer bytes = number(value, type);
    return new ExportTensor(name, type, List.of(), bytes::asReadOnlyBuffer);
  }

  /** Little-endian bytes of one number. */
  static ByteBuffer number(double value, DataType type) {
    ByteBuffer bytes = littleEndian(type.getNumOfBytes());
    switch (type) {
      case FLOAT32 -> bytes.putFloat((float) value);
      case FLOAT64 -> bytes.putDouble(value);
      case INT64 -> bytes.putLong((long) value);
      case INT32 -> bytes.putInt((int) value);
      case INT8, UINT8 -> bytes.put((byte) (long) value);
      case BOOLEAN -> bytes.put((byte) (value == 0 ? 0 : 1));
      default -> throw new Unexportable("numbers of type " + type);
    }
    return bytes.rewind();
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
