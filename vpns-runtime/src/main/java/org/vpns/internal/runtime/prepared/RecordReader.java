package org.vpns.internal.runtime.prepared;

import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.io.FormatException;

/** Reads what {@link RecordWriter} wrote. No array is made that the file does not fill. */
final class RecordReader {
  /** Records in records; programs have five. */
  private static final int DEEPEST = 32;

  private final FileChannel channel;
  private final String source;
  private final long end;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
  private final Map<Class<?>, Maker> makers = new HashMap<>();
  private long next;
  private int depth;

  /** How a record is made of its components. */
  private record Maker(Constructor<?> constructor, RecordComponent[] components) {}

  /**
   * Of a stretch of a file.
   *
   * @param source what to call it in messages
   */
  RecordReader(FileChannel channel, long begin, long end, String source) {
    this.channel = channel;
    this.next = begin;
    this.end = end;
    this.source = source;
    buffer.limit(0);
  }

  /**
   * The next record.
   *
   * @throws FormatException if no such record was written there
   */
  <T extends Record> T read(Class<T> type) throws IOException {
    return type.cast(record(type));
  }

  /** Refuses what comes behind the last record. */
  void requireEnd() throws FormatException {
    if (remaining() > 0) {
      throw damaged("the end", remaining() + " more bytes");
    }
  }

  private Object record(Class<?> type) throws IOException {
    if (++depth > DEEPEST) {
      throw damaged("at most " + DEEPEST + " records in each other", "more");
    }
    Maker maker = makers.computeIfAbsent(type, RecordReader::maker);
    Object[] values = new Object[maker.components().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(maker.components()[i].getGenericType());
    }
    depth--;
    try {
      return maker.constructor().newInstance(values);
    } catch (InvocationTargetException e) {
      throw damaged(type.getSimpleName(), e.getCause()).causedBy(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName(), e);
    }
  }

  private static Maker maker(Class<?> type) {
    try {
      return new Maker(Components.constructor(type), Components.of(type));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(type.getName(), e);
    }
  }

  private @Nullable Object value(Type type) throws IOException {
    Class<?> raw = Components.raw(type);
    if (!raw.isPrimitive() && choice(2, "0 or 1") == 0) {
      return null;
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return choice(2, "0 or 1") == 1;
    } else if (raw == int.class || raw == Integer.class) {
      return number();
    } else if (raw == float.class) {
      return Float.intBitsToFloat(number());
    } else if (raw.isEnum()) {
      Object[] constants = raw.getEnumConstants();
      return constants[choice(constants.length, raw.getSimpleName())];
    } else if (raw == String.class) {
      return text();
    } else if (raw == int[].class) {
      return ints();
    } else if (raw == float[].class) {
      return floats();
    } else if (raw == List.class) {
      return list(Components.element(type));
    } else if (raw.isArray()) {
      return array(raw.getComponentType());
    }
    boolean step = raw == Step.class;
    return record(
        step ? Components.STEPS.get(choice(Components.STEPS.size(), "a kind of step")) : raw);
  }

  private List<?> list(Type element) throws IOException {
    int length = length(Integer.BYTES);
    List<@Nullable Object> list = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      list.add(value(element));
    }
    return list;
  }

  private Object array(Class<?> element) throws IOException {
    Object array = Array.newInstance(element, length(Integer.BYTES));
    for (int i = 0; i < Array.getLength(array); i++) {
      Array.set(array, i, value(element));
    }
    return array;
  }

  private String text() throws IOException {
    byte[] bytes = new byte[length(1)];
    for (int done = 0; done < bytes.length; ) {
      int count = Math.min(bytes.length - done, ready(1).remaining());
      buffer.get(bytes, done, count);
      done += count;
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private int[] ints() throws IOException {
    int[] values = new int[length(Integer.BYTES)];
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, ready(Integer.BYTES).remaining() / Integer.BYTES);
      buffer.asIntBuffer().get(values, done, count);
      buffer.position(buffer.position() + count * Integer.BYTES);
      done += count;
    }
    return values;
  }

  private float[] floats() throws IOException {
    float[] values = new float[length(Float.BYTES)];
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, ready(Float.BYTES).remaining() / Float.BYTES);
      buffer.asFloatBuffer().get(values, done, count);
      buffer.position(buffer.position() + count * Float.BYTES);
      done += count;
    }
    return values;
  }

  /** A number of items that the rest of the file can hold. */
  private int length(int bytesEach) throws IOException {
    int length = number();
    if (length < 0 || (long) length * bytesEach > remaining()) {
      throw damaged("a length within the " + remaining() + " bytes that follow", length);
    }
    return length;
  }

  private int choice(int count, String expected) throws IOException {
    int choice = number();
    if (choice < 0 || choice >= count) {
      throw damaged(expected, choice);
    }
    return choice;
  }

  private int number() throws IOException {
    return ready(Integer.BYTES).getInt();
  }

  private long remaining() {
    return end - next + buffer.remaining();
  }

  /** The buffer, with so many bytes at least. */
  private ByteBuffer ready(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      if (remaining() < bytes) {
        throw damaged(bytes + " bytes more", remaining());
      }
      next -= buffer.remaining();
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - next));
      FileBytes.fill(channel, buffer, next);
      next += buffer.limit();
    }
    return buffer;
  }

  private FormatException damaged(Object expected, @Nullable Object found) {
    String where = source + ", before byte " + next;
    return new FormatException(
        "prepared form damaged", where, expected, found, PreparedFile.REMEDY);
  }
}
