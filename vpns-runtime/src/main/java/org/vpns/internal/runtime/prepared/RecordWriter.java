package org.vpns.internal.runtime.prepared;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Step;

/** Writes records, little-endian; see {@link Components}. */
final class RecordWriter {
  private final OutputStream out;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  RecordWriter(OutputStream out) {
    this.out = out;
  }

  void write(Record content) throws IOException {
    record(content);
    flush();
  }

  private void record(Object content) throws IOException {
    for (RecordComponent component : Components.of(content.getClass())) {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      try {
        value(component.getGenericType(), accessor.invoke(content));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(component.toString(), e);
      }
    }
  }

  private void value(Type type, @Nullable Object value) throws IOException {
    Class<?> raw = Components.raw(type);
    if (!raw.isPrimitive()) {
      number(value == null ? 0 : 1);
    }
    if (value == null) {
      return;
    }
    if (value instanceof Boolean b) {
      number(b ? 1 : 0);
    } else if (value instanceof Integer i) {
      number(i);
    } else if (value instanceof Float f) {
      number(Float.floatToRawIntBits(f));
    } else if (value instanceof Enum<?> e) {
      number(Arrays.asList(raw.getEnumConstants()).indexOf(e));
    } else if (value instanceof String s) {
      text(s);
    } else if (value instanceof int[] ints) {
      ints(ints);
    } else if (value instanceof float[] floats) {
      floats(floats);
    } else if (value instanceof List<?> list) {
      number(list.size());
      for (Object element : list) {
        value(Components.element(type), element);
      }
    } else if (raw.isArray()) {
      number(Array.getLength(value));
      for (int i = 0; i < Array.getLength(value); i++) {
        value(raw.getComponentType(), Array.get(value, i));
      }
    } else {
      if (raw == Step.class) {
        number(Components.STEPS.indexOf(value.getClass()));
      }
      record(value);
    }
  }

  private void number(int value) throws IOException {
    room().putInt(value);
  }

  private void text(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    flush();
    out.write(bytes);
  }

  private void ints(int[] values) throws IOException {
    number(values.length);
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, room().remaining() / Integer.BYTES);
      buffer.asIntBuffer().put(values, done, count);
      buffer.position(buffer.position() + count * Integer.BYTES);
      done += count;
    }
  }

  private void floats(float[] values) throws IOException {
    number(values.length);
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, room().remaining() / Float.BYTES);
      buffer.asFloatBuffer().put(values, done, count);
      buffer.position(buffer.position() + count * Float.BYTES);
      done += count;
    }
  }

  /** The buffer, with room for a number at least. */
  private ByteBuffer room() throws IOException {
    if (buffer.remaining() < Integer.BYTES) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    out.write(buffer.array(), 0, buffer.position());
    buffer.clear();
  }
}
