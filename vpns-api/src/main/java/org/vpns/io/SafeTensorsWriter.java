package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Problem;

/** Collects tensors and writes them in the order given, the header padded to 8 bytes. */
final class SafeTensorsWriter {
  private static final int CHUNK_BYTES = 1 << 16;

  /** Puts elements begin .. end of an array into a buffer. */
  private interface Elements {
    void copy(int begin, int end, ByteBuffer into);
  }

  private record Tensor(TensorType type, Shape shape, int count, Elements elements) {
    long bytes() {
      return (long) count * type.width();
    }
  }

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  void putFloats(String name, Shape shape, float[] values) {
    put(
        name,
        TensorType.F32,
        shape,
        values.length,
        (begin, end, into) -> into.asFloatBuffer().put(values, begin, end - begin));
  }

  void putDoubles(String name, Shape shape, double[] values) {
    put(
        name,
        TensorType.F64,
        shape,
        values.length,
        (begin, end, into) -> into.asDoubleBuffer().put(values, begin, end - begin));
  }

  void putLongs(String name, Shape shape, long[] values) {
    put(
        name,
        TensorType.I64,
        shape,
        values.length,
        (begin, end, into) -> into.asLongBuffer().put(values, begin, end - begin));
  }

  void putBytes(String name, byte[] values) {
    put(
        name,
        TensorType.U8,
        new Shape(values.length),
        values.length,
        (begin, end, into) -> into.duplicate().put(values, begin, end - begin));
  }

  private void put(String name, TensorType type, Shape shape, int count, Elements elements) {
    requireText(name);
    if (shape.size() != count) {
      throw Problem.argument(
          "shape does not fit the values",
          "'" + name + "'",
          shape.size() + " values for " + shape,
          count,
          "pass one value per entry");
    }
    if (name.equals(SafeTensorsHeader.METADATA)
        || tensors.putIfAbsent(name, new Tensor(type, shape, count, elements)) != null) {
      throw Problem.argument(
          "tensor name not free", "'" + name + "'", "unique names", "a second use", "rename it");
    }
  }

  void metadata(String key, String value) {
    requireText(key);
    requireText(value);
    if (metadata.putIfAbsent(key, value) != null) {
      throw Problem.argument(
          "metadata key set twice",
          "'" + key + "'",
          "unique keys",
          metadata.get(key) + " then " + value,
          "set it once");
    }
  }

  private static void requireText(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw Problem.argument(
          "name cannot be stored", "'" + text + "'", "Unicode text", "half a pair", "rename it");
    }
  }

  long size() {
    return 8L + header().length + tensors.values().stream().mapToLong(Tensor::bytes).sum();
  }

  void writeTo(OutputStream out) throws IOException {
    byte[] header = header();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(buffer.putLong(0, header.length).array(), 0, 8);
    out.write(header);
    for (Tensor tensor : tensors.values()) {
      int step = CHUNK_BYTES / tensor.type().width();
      for (int begin = 0; begin < tensor.count(); ) {
        int end = begin + Math.min(step, tensor.count() - begin);
        tensor.elements().copy(begin, end, buffer);
        out.write(buffer.array(), 0, (end - begin) * tensor.type().width());
        begin = end;
      }
    }
  }

  private byte[] header() {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      if (!metadata.isEmpty()) {
        json.name(SafeTensorsHeader.METADATA).beginObject();
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
      }
      long at = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue();
        json.name(entry.getKey()).beginObject().name("dtype").value(tensor.type().name());
        json.name("shape").beginArray();
        for (long dimension : tensor.shape().getShape()) {
          json.value(dimension);
        }
        json.endArray().name("data_offsets").beginArray().value(at);
        at += tensor.bytes();
        json.value(at).endArray().endObject();
      }
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int length = text.toString().getBytes(StandardCharsets.UTF_8).length;
    text.append(" ".repeat(-length & 7));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
