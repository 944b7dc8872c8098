package org.vpns.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes pickles instruction by instruction, well-formed or not. */
final class Pickler {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Instructions of protocol 2, from PROTO on. */
  static Pickler protocol2() {
    return new Pickler().raw(0x80, 2);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** The bytes with STOP behind them. */
  byte[] stop() {
    return raw('.').bytes();
  }

  Pickler raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  Pickler raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  Pickler ascii(String text) {
    return raw(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Pickler littleEndian(int width, long value) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return raw(Arrays.copyOf(bytes, width));
  }

  Pickler mark() {
    return raw('(');
  }

  Pickler none() {
    return raw('N');
  }

  Pickler dict() {
    return raw('}');
  }

  Pickler list() {
    return raw(']');
  }

  Pickler emptyTuple() {
    return raw(')');
  }

  /** A tuple of what stands above the mark. */
  Pickler tuple() {
    return raw('t');
  }

  Pickler setItems() {
    return raw('u');
  }

  Pickler appends() {
    return raw('e');
  }

  Pickler reduce() {
    return raw('R');
  }

  Pickler text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return raw('X').littleEndian(4, utf8.length).raw(utf8);
  }

  /** A string with a length of 4 bytes that may be wrong. */
  Pickler textOfLength(long length, String text) {
    return raw('X').littleEndian(4, length).ascii(text);
  }

  /** The string form of Python 2. */
  Pickler oldText(String text) {
    return raw('U', text.length()).ascii(text);
  }

  /** A whole number in 4 bytes, or in as many as it needs. */
  Pickler number(long value) {
    if (value == (int) value) {
      return raw('J').littleEndian(4, value);
    }
    return raw(0x8a, 8).littleEndian(8, value);
  }

  Pickler bool(boolean value) {
    return raw(value ? 0x88 : 0x89);
  }

  Pickler real(double value) {
    return raw('G').raw(ByteBuffer.allocate(8).putDouble(value).array());
  }

  Pickler put(int index) {
    return raw('q', index);
  }

  Pickler get(int index) {
    return raw('h', index);
  }

  Pickler longPut(long index) {
    return raw('r').littleEndian(4, index);
  }

  Pickler longGet(long index) {
    return raw('j').littleEndian(4, index);
  }

  Pickler frame(long length) {
    return raw(0x95).littleEndian(8, length);
  }

  /** {@code module} and {@code name} by the instruction that carries them. */
  Pickler global(String module, String name) {
    return raw('c').ascii(module + "\n" + name + "\n");
  }

  /** The same by way of the stack. */
  Pickler stackGlobal(String module, String name) {
    return text(module).text(name).raw(0x93);
  }

  Pickler ordered() {
    return global("collections", "OrderedDict").emptyTuple().reduce();
  }

  /** A tuple of numbers. */
  Pickler numbers(long... values) {
    mark();
    for (long value : values) {
      number(value);
    }
    return tuple();
  }

  /** A storage, as the zip form names it. */
  Pickler storage(String type, String key, long count) {
    return mark()
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cpu")
        .number(count)
        .tuple()
        .raw('Q');
  }

  /** A storage, as the older form names it, with a sixth field of None. */
  Pickler oldStorage(String type, String key, long count) {
    return mark()
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cuda:0")
        .number(count)
        .none()
        .tuple()
        .raw('Q');
  }

  /** A tensor as a view of a storage. */
  Pickler tensor(String type, String key, long count, long offset, long[] size, long[] stride) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .mark()
        .storage(type, key, count)
        .number(offset)
        .numbers(size)
        .numbers(stride)
        .bool(false)
        .ordered()
        .tuple()
        .reduce();
  }

  /** A tensor of one axis that is its whole storage. */
  Pickler tensor(String type, String key, long count) {
    return tensor(type, key, count, 0, new long[] {count}, new long[] {1});
  }
}
