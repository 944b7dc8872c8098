package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.io.HalfFloats;
import org.vpns.internal.onnx.ExternalData.Region;
import org.vpns.io.FormatException;

/**
 * A tensor of a model file whose form has been checked: its data are there, once, and as many as
 * its shape says. The values are decoded when they are asked for.
 */
final class StoredTensor {
  private final String where;
  private final TensorProto proto;
  private final ElementType type;
  private final Shape shape;
  private final @Nullable Region region;
  private final @Nullable HostTensor made;

  private StoredTensor(
      String where,
      TensorProto proto,
      ElementType type,
      Shape shape,
      @Nullable Region region,
      @Nullable HostTensor made) {
    this.where = where;
    this.proto = proto;
    this.type = type;
    this.shape = shape;
    this.region = region;
    this.made = made;
  }

  /** A tensor that is computed from what a file stores, as if the file stored it. */
  static StoredTensor made(String where, HostTensor values) {
    return new StoredTensor(
        where, TensorProto.getDefaultInstance(), values.type(), values.shape(), null, values);
  }

  /**
   * Checks a tensor.
   *
   * @param where what to call it in messages
   * @param external finds data outside the model file
   * @throws FormatException if the tensor breaks the format or has an unknown type
   */
  static StoredTensor check(TensorProto proto, String where, ExternalData external)
      throws IOException {
    ElementType type = ElementType.find(proto.getDataType());
    if (type == null) {
      throw new FormatException(
          "tensor type not supported",
          where,
          "a float, integer or boolean type",
          typeName(proto.getDataType()),
          "convert the model to float32");
    }
    if (proto.hasSegment() || proto.getStringDataCount() > 0) {
      throw new FormatException(
          "tensor in an unknown form",
          where,
          "raw or typed numbers",
          proto.hasSegment() ? "a segment" : "text",
          "export the model again");
    }
    Shape shape = shape(proto, where);
    long count = shape.size();
    boolean outside = proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    checkData(proto, type, count, outside, where);
    Region region =
        outside
            ? external.find(
                proto.getExternalDataList(), Math.multiplyExact(count, type.width()), where)
            : null;
    return new StoredTensor(where, proto, type, shape, region, null);
  }

  static String typeName(int number) {
    TensorProto.DataType type = TensorProto.DataType.forNumber(number);
    return type == null ? "type " + number : type.toString();
  }

  private static Shape shape(TensorProto proto, String where) throws FormatException {
    long[] dims = new long[proto.getDimsCount()];
    boolean empty = false;
    long count = 1;
    for (int i = 0; i < dims.length; i++) {
      dims[i] = proto.getDims(i);
      if (dims[i] < 0 || dims.length > 32) {
        throw new FormatException(
            "tensor shape out of range",
            where,
            "at most 32 sizes from 0",
            proto.getDimsList().subList(0, Math.min(33, dims.length)),
            "export the model again");
      }
      empty |= dims[i] == 0;
    }
    for (long dim : dims) {
      // one Java array holds the values, of at most 8 bytes each in a mapped or heap buffer
      if (!empty && dim > (Integer.MAX_VALUE - 8) / count) {
        throw new FormatException(
            "tensor too large",
            where,
            "fewer than 2^31 elements",
            proto.getDimsList(),
            "fetch or export the model again");
      }
      count *= dim;
    }
    return new Shape(dims);
  }

  private static void checkData(
      TensorProto proto, ElementType type, long count, boolean outside, String where)
      throws FormatException {
    int typed = typedCount(proto, type);
    int alltyped =
        proto.getFloatDataCount()
            + proto.getInt32DataCount()
            + proto.getInt64DataCount()
            + proto.getDoubleDataCount()
            + proto.getUint64DataCount();
    int raw = proto.getRawData().size();
    if (alltyped != typed || (raw > 0 && typed > 0) || (outside && raw + typed > 0)) {
      throw new FormatException(
          "tensor data in two places",
          where,
          "one field that fits type " + type,
          raw + " raw bytes, " + alltyped + " numbers" + (outside ? ", and another file" : ""),
          "export the model again");
    }
    boolean fits = raw > 0 || count == 0 ? raw == count * type.width() : typed == count;
    if (!outside && !fits) {
      throw new FormatException(
          "tensor data do not fit the shape",
          where,
          count + " elements of " + type,
          raw > 0 ? raw + " bytes" : typed + " elements",
          "fetch or export the model again");
    }
  }

  private static int typedCount(TensorProto proto, ElementType type) {
    return switch (type) {
      case FLOAT -> proto.getFloatDataCount();
      case DOUBLE -> proto.getDoubleDataCount();
      case INT64 -> proto.getInt64DataCount();
      case UINT32, UINT64 -> proto.getUint64DataCount();
      default -> proto.getInt32DataCount();
    };
  }

  ElementType type() {
    return type;
  }

  Shape shape() {
    return shape;
  }

  /** Bytes of the values in the file. */
  long bytes() {
    return shape.size() * type.width();
  }

  /**
   * Decodes the values.
   *
   * @throws IOException if data in another file cannot be read any more, or a boolean is neither 0
   *     nor 1
   */
  HostTensor read() throws IOException {
    if (made != null) {
      return made;
    }
    Region from = region;
    if (from != null) {
      return decode(bytes(from));
    }
    ByteString raw = proto.getRawData();
    return raw.isEmpty() ? typed() : decode(raw.asReadOnlyByteBuffer());
  }

  private ByteBuffer bytes(Region from) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(from.length()));
    return FileBytes.with(
        from.file(),
        channel -> {
          while (buffer.hasRemaining()) {
            if (channel.read(buffer, from.offset() + buffer.position()) < 0) {
              throw new EOFException(
                  Problem.message(
                      "file of weights became shorter",
                      from.file() + ", " + where,
                      from.length() + " bytes from byte " + from.offset(),
                      buffer.position(),
                      "read the model again once its files are whole"));
            }
          }
          return buffer.flip();
        });
  }

  private HostTensor decode(ByteBuffer bytes) throws FormatException {
    ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (type == ElementType.FLOAT) {
      float[] values = new float[in.remaining() / Float.BYTES];
      in.asFloatBuffer().get(values);
      return HostTensor.of(type, shape, values);
    }
    int width = type.width();
    return checked(
        HostTensor.made(
            type,
            shape,
            i ->
                switch (type) {
                  case INT64, UINT64 -> in.getLong(i * width);
                  case INT32 -> in.getInt(i * width);
                  case UINT32 -> Integer.toUnsignedLong(in.getInt(i * width));
                  case INT16 -> in.getShort(i * width);
                  case UINT16 -> Short.toUnsignedInt(in.getShort(i * width));
                  case INT8 -> in.get(i);
                  default -> Byte.toUnsignedInt(in.get(i));
                },
            i ->
                type == ElementType.DOUBLE
                    ? in.getDouble(i * width)
                    : widened(in.getShort(i * width))));
  }

  private HostTensor typed() throws FormatException {
    return checked(
        HostTensor.made(
            type,
            shape,
            i ->
                switch (type) {
                  case INT64 -> proto.getInt64Data(i);
                  case UINT32, UINT64 -> proto.getUint64Data(i);
                  default -> proto.getInt32Data(i);
                },
            i ->
                switch (type) {
                  case FLOAT -> proto.getFloatData(i);
                  case DOUBLE -> proto.getDoubleData(i);
                  default -> widened((short) proto.getInt32Data(i));
                }));
  }

  private HostTensor checked(HostTensor tensor) throws FormatException {
    for (int i = 0; !type.isFloat() && i < tensor.size(); i++) {
      long value = tensor.longAt(i);
      boolean unsigned64 = type == ElementType.UINT64 && value < 0;
      if (unsigned64 || (type == ElementType.BOOL && (value >>> 1) != 0)) {
        throw new FormatException(
            "value out of range",
            where,
            unsigned64 ? "unsigned integers below 2^63" : "booleans as 0 or 1",
            Long.toUnsignedString(value),
            "fetch or export the model again");
      }
    }
    return tensor;
  }

  private float widened(short bits) {
    return type == ElementType.BFLOAT16 ? HalfFloats.bfloat(bits) : HalfFloats.toFloat(bits);
  }
}
