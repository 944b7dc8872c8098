package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/**
 * What a model takes of the heap once its parts are objects, found out by passing over the file: an
 * empty node costs two bytes there and a hundred here.
 */
final class ModelSize {
  /** An entry of a list with what it refers to. */
  private static final int FIELD_BYTES = 50;

  private static final int MESSAGE_BYTES = 150;

  /** A number that takes one byte in the file, in an array that has grown to its double. */
  private static final int NUMBER_BYTES = 16;

  private final CodedInputStream in;
  private final String source;
  private final long most = Runtime.getRuntime().maxMemory() / 2;
  private long bytes;
  private int depth;

  private ModelSize(CodedInputStream in, String source) {
    this.in = in;
    this.source = source;
  }

  /**
   * Passes over a model to its end.
   *
   * @throws FormatException if it takes more than half of the heap
   * @throws InvalidProtocolBufferException if it is none
   */
  static void require(CodedInputStream in, String source) throws IOException {
    new ModelSize(in, source).pass(ModelProto.getDescriptor());
  }

  private void spend(long more) throws FormatException {
    bytes += more;
    if (bytes > most) {
      throw new FormatException(
          "model too large for the heap",
          source,
          "parts that take at most " + (most >> 20) + " MB",
          "more",
          MemoryBound.REMEDY);
    }
  }

  private void pass(Descriptor type) throws IOException {
    if (++depth > OnnxReader.MAX_NESTING) {
      throw new InvalidProtocolBufferException("nested too deep");
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      spend(FIELD_BYTES);
      if (!delimited || field == null) {
        if (!in.skipField(tag)) {
          throw new InvalidProtocolBufferException("group that nobody began");
        }
        continue;
      }
      int length = in.readRawVarint32();
      if (field.getJavaType() == JavaType.MESSAGE) {
        spend(MESSAGE_BYTES);
        int outer = in.pushLimit(length);
        pass(field.getMessageType());
        in.popLimit(outer);
      } else {
        spend(Math.max(0, field.isPackable() ? (long) NUMBER_BYTES * length : length));
        in.skipRawBytes(length);
      }
    }
    depth--;
  }
}
