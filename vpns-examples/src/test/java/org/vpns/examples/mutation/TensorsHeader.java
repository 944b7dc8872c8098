package org.vpns.examples.mutation;

import com.google.common.primitives.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.vpns.testing.Mutations;

/** The header of a safetensors file, its stated length, or the data behind. */
final class TensorsHeader implements Structure {
  @Override
  public byte[] mutate(byte[] file, RandomGenerator random) {
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] header = Structure.part(file, 8, Math.addExact(8, length));
    byte[] data = Arrays.copyOfRange(file, 8 + header.length, file.length);
    switch (random.nextInt(10)) {
      case 0 -> {
        return of(Structure.number(random), header, data);
      }
      case 1 -> {
        // extreme values, of whatever type
        Arrays.fill(data, random.nextInt(data.length), data.length, (byte) random.nextInt(-1, 1));
        return of(header.length, header, data);
      }
      case 2 -> {
        return of(header.length, header, Mutations.mutate(data, random));
      }
      default -> {
        byte[] mutated = new JsonText().mutate(header, random);
        return of(mutated.length, mutated, data);
      }
    }
  }

  private static byte[] of(long length, byte[] header, byte[] data) {
    byte[] first = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    return Bytes.concat(first, header, data);
  }
}
