package org.vpns.examples.mutation;

import com.google.common.primitives.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.vpns.testing.Mutations;

/** Opcodes of a pickle, or of several in a row with other data behind. */
final class PickleOpcodes implements Structure {
  private static final String ALL =
      "(.012FIJKLMNPQRSTUVXabcd}eghijl]opqrstu)\u0081\u0085\u0086\u0087\u0088\u0089\u008f\u0090\u0091\u0093\u0094GBC";

  @Override
  public byte[] mutate(byte[] file, RandomGenerator random) {
    List<byte[]> opcodes = new ArrayList<>();
    int end = 0;
    while (end < file.length && (file[end] & 255) == 0x80) {
      end = parse(file, end, opcodes);
    }
    byte[] rest = Arrays.copyOfRange(file, end, file.length);
    if (rest.length > 1 && random.nextInt(10) == 0) {
      rest = Mutations.mutate(rest, random);
    }
    int at = random.nextInt(opcodes.size());
    int other = random.nextInt(opcodes.size());
    byte[] opcode = opcodes.get(at);
    switch (random.nextInt(8)) {
      case 0 -> opcodes.remove(at);
      case 1 -> opcodes.add(other, opcode);
      case 2 -> {
        opcodes.set(at, opcodes.get(other));
        opcodes.set(other, opcode);
      }
      case 3 -> opcodes.add(at, new byte[] {(byte) ALL.charAt(random.nextInt(ALL.length()))});
      case 4 -> {
        // a part again and again: values that hold each other
        List<byte[]> part =
            List.copyOf(
                opcodes.subList(
                    Math.min(at, other), Math.min(Math.min(at, other) + 8, opcodes.size())));
        for (int i = random.nextInt(1, 60); i > 0; i--) {
          opcodes.addAll(at, part);
        }
      }
      default -> opcodes.set(at, argument(opcode, opcodes.get(other), random));
    }
    return Bytes.concat(Bytes.concat(opcodes.toArray(byte[][]::new)), rest);
  }

  /** The opcode with another argument; with its own kind where it has none. */
  private static byte[] argument(byte[] opcode, byte[] other, RandomGenerator random) {
    byte[] changed = opcode.clone();
    switch ((char) (opcode[0] & 255)) {
      case 'X' -> {
        byte[] text =
            random.nextBoolean() && other[0] == 'X'
                ? Arrays.copyOfRange(other, 5, other.length)
                : Structure.text(random).getBytes(StandardCharsets.UTF_8);
        return Bytes.concat(
            ByteBuffer.allocate(5)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'X')
                .putInt(random.nextInt(8) == 0 ? random.nextInt() : text.length)
                .array(),
            text);
      }
      case 'J', 'j', 'r' ->
          ByteBuffer.wrap(changed)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(1, (int) Structure.number(random));
      case '\u008a' -> {
        return ByteBuffer.allocate(10)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x8a)
            .put((byte) 8)
            .putLong(Structure.number(random))
            .array();
      }
      case 'c' -> {
        String[] names = {
          "os\nsystem\n",
          "torch\nFloatStorage\n",
          "torch\nLongStorage\n",
          "collections\nOrderedDict\n",
          "torch._utils\n_rebuild_tensor_v2\n",
          "torch._utils\n_rebuild_parameter\n",
          "builtins\neval\n"
        };
        return ("c" + names[random.nextInt(names.length)]).getBytes(StandardCharsets.UTF_8);
      }
      default -> {
        if (changed.length == 1) {
          return other;
        }
        changed[random.nextInt(1, changed.length)] = (byte) Structure.number(random);
      }
    }
    return changed;
  }

  /** Adds the opcodes up to the next end of a pickle; where the next begins. */
  private static int parse(byte[] file, int begin, List<byte[]> opcodes) {
    int at = begin;
    while (true) {
      int opcode = file[at] & 255;
      int end = at + 1 + argument(file, at + 1, opcode);
      opcodes.add(Structure.part(file, at, end));
      at = end;
      if (opcode == '.') {
        return at;
      }
    }
  }

  private static int argument(byte[] file, int at, int opcode) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    return switch (opcode) {
      case 'K', 'h', 'q', 0x80, 0x82 -> 1;
      case 'M', 0x83 -> 2;
      case 'J', 'j', 'r', 0x84 -> 4;
      case 'G', 0x95 -> 8;
      case 'U', 0x8c, 0x8a, 'C' -> 1 + (file[at] & 255);
      case 'X', 'T', 'B', 0x8b -> Math.addExact(4, in.getInt(at));
      case 0x8d, 0x8e, 0x96 -> Math.toIntExact(8 + in.getLong(at));
      case 'F', 'I', 'L', 'P', 'g', 'p', 'S', 'V' -> line(file, at) - at;
      case 'c', 'i' -> line(file, line(file, at)) - at;
      default -> 0;
    };
  }

  private static int line(byte[] file, int at) {
    int end = at;
    while (file[end] != '\n') {
      end++;
    }
    return end + 1;
  }
}
