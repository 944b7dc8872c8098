package org.vpns.examples.mutation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Fields of Protocol Buffers messages, at any depth, without their schema. */
final class WireFields implements Structure {
  private static final int VARINT = 0;
  private static final int LONG = 1;
  private static final int BYTES = 2;
  private static final int INT = 5;

  /** One field; a varint's value and fixed numbers are in {@code content}, as written. */
  private record Field(int number, int wire, byte[] content) {
    Field with(byte[] other) {
      return new Field(number, wire, other);
    }
  }

  @Override
  public byte[] mutate(byte[] message, RandomGenerator random) {
    List<Field> fields = parse(message);
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("no field");
    }
    int at = larger(fields, random);
    Field field = fields.get(at);
    if (field.wire == BYTES && random.nextInt(6) > 0 && isMessage(field.content)) {
      fields.set(at, field.with(mutate(field.content, random)));
      return bytes(fields);
    }
    switch (random.nextInt(9)) {
      case 0 -> fields.remove(at);
      case 1 -> fields.add(random.nextInt(fields.size() + 1), field);
      case 2 -> fields.add(random.nextInt(fields.size()), fields.remove(at));
      case 3 -> fields.set(at, new Field(random.nextInt(1, 24), field.wire, field.content));
      case 4 -> // a message inside itself
          fields.set(at, new Field(field.number, BYTES, bytes(List.of(field))));
      case 5 -> {
        Field other = fields.get(random.nextInt(fields.size()));
        fields.set(at, new Field(field.number, other.wire, other.content));
      }
      default -> fields.set(at, field.with(other(field, random)));
    }
    return bytes(fields);
  }

  /** Of three at random the largest, where most of the content is. */
  private static int larger(List<Field> fields, RandomGenerator random) {
    int best = random.nextInt(fields.size());
    for (int i = random.nextInt(3); i > 0; i--) {
      int other = random.nextInt(fields.size());
      best = fields.get(other).content.length > fields.get(best).content.length ? other : best;
    }
    return best;
  }

  private static byte[] other(Field field, RandomGenerator random) {
    return switch (field.wire) {
      case VARINT -> varint(Structure.number(random));
      case LONG -> ByteBuffer.allocate(8).putLong(random.nextLong()).array();
      case INT -> ByteBuffer.allocate(4).putInt(random.nextInt()).array();
      default ->
          switch (random.nextInt(4)) {
            case 0 -> Structure.text(random).getBytes(StandardCharsets.UTF_8);
            case 1 -> varint(Structure.number(random)); // packed numbers
            case 2 -> new byte[random.nextInt(70)];
            default -> // half a number, or half the values
                java.util.Arrays.copyOf(field.content, random.nextInt(field.content.length + 1));
          };
    };
  }

  private static boolean isMessage(byte[] bytes) {
    try {
      return !parse(bytes).isEmpty();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static List<Field> parse(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long key = readVarint(in);
      int number = Math.toIntExact(key >>> 3);
      int wire = (int) (key & 7);
      if (number == 0) {
        throw new IllegalArgumentException("field 0");
      }
      int begin = in.position();
      int length =
          switch (wire) {
            case VARINT -> {
              readVarint(in);
              int size = in.position() - begin;
              in.position(begin);
              yield size;
            }
            case LONG -> 8;
            case INT -> 4;
            case BYTES -> Math.toIntExact(readVarint(in));
            default -> throw new IllegalArgumentException("wire type " + wire);
          };
      if (length < 0 || length > in.remaining()) {
        throw new IllegalArgumentException("length " + length);
      }
      byte[] content = new byte[length];
      in.get(content);
      fields.add(new Field(number, wire, content));
    }
    return fields;
  }

  private static long readVarint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 127) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("varint without end");
  }

  private static byte[] varint(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (long rest = value; ; rest >>>= 7) {
      if (rest >>> 7 == 0) {
        out.write((int) rest);
        return out.toByteArray();
      }
      out.write((int) (rest & 127 | 128));
    }
  }

  private static byte[] bytes(List<Field> fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Field field : fields) {
      out.writeBytes(varint((long) field.number << 3 | field.wire));
      if (field.wire == BYTES) {
        out.writeBytes(varint(field.content.length));
      }
      out.writeBytes(field.content);
    }
    return out.toByteArray();
  }
}
