package org.vpns.examples.mutation;

import com.google.common.hash.Hashing;
import com.google.common.primitives.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.vpns.testing.Mutations;

/** Header and records of a mask file, each under a checksum that is right again. */
final class MaskRecords implements Structure {
  private static final int FIRST = 12; // magic and version

  @Override
  public byte[] mutate(byte[] file, RandomGenerator random) {
    List<byte[]> parts = parse(file);
    int at = random.nextInt(parts.size());
    byte[] part = parts.get(at);
    switch (at == 0 ? 3 : random.nextInt(6)) {
      case 0 -> parts.remove(at);
      case 1 -> parts.add(random.nextInt(1, parts.size() + 1), part);
      case 2 -> parts.add(random.nextInt(1, parts.size()), parts.remove(at));
      default -> parts.set(at, field(part, random));
    }
    if (random.nextInt(3) > 0) {
      ByteBuffer head = ByteBuffer.wrap(parts.get(0)).order(ByteOrder.LITTLE_ENDIAN);
      head.putInt(head.capacity() - 4, parts.size() - 1);
    }
    List<byte[]> all = new ArrayList<>();
    for (byte[] each : parts) {
      all.add(each);
      // as the file has it: lowest byte first
      all.add(Hashing.crc32c().hashBytes(each).asBytes());
    }
    return Bytes.concat(all.toArray(byte[][]::new));
  }

  /** A length, a dimension or bits changed. */
  private static byte[] field(byte[] part, RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return Mutations.mutate(part, random);
    }
    byte[] changed = part.clone();
    ByteBuffer out = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    if (random.nextBoolean()) {
      int dimension = 5 + out.getInt(0);
      out.putLong(Math.min(dimension, part.length - 8), Structure.number(random));
    } else {
      out.putInt(random.nextInt(part.length - 4), (int) Structure.number(random));
    }
    return changed;
  }

  private static List<byte[]> parse(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = FIRST;
    at += 4 + in.getInt(at);
    int pairs = in.getInt(at);
    at += 4;
    for (int i = 0; i < 2 * pairs; i++) {
      at += 4 + in.getInt(at);
    }
    int masks = in.getInt(at);
    at += 4;
    List<byte[]> parts = new ArrayList<>();
    parts.add(Structure.part(file, 0, at));
    at += 4;
    for (int i = 0; i < masks; i++) {
      int begin = at;
      at += 4 + in.getInt(at);
      int rank = file[at++] & 255;
      long size = 1;
      for (int d = 0; d < rank; d++) {
        size = Math.multiplyExact(size, in.getLong(at));
        at += 8;
      }
      at += Math.toIntExact((size + 7) / 8);
      parts.add(Structure.part(file, begin, at));
      at += 4;
    }
    return parts;
  }
}
