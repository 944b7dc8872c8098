package org.vpns.testing;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Random damage to a file's bytes, of the kinds that copying, disks and attackers do. */
public final class Mutations {
  private Mutations() {}

  /** A damaged copy; may by chance equal the original. */
  public static byte[] mutate(byte[] original, RandomGenerator random) {
    byte[] file = original.clone();
    switch (random.nextInt(7)) {
      case 0 -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        for (int i = random.nextInt(1, 20); i > 0; i--) {
          file[random.nextInt(file.length)] = (byte) random.nextInt(256);
        }
      }
      case 2 -> file = Arrays.copyOf(file, random.nextInt(file.length));
      case 3 -> file = Arrays.copyOf(file, file.length + random.nextInt(1, 50));
      case 4 -> {
        // an extreme number, where a length or an offset may be
        int at = random.nextInt(file.length);
        byte value = new byte[] {0, -1, 127, -128}[random.nextInt(4)];
        Arrays.fill(file, at, Math.min(file.length, at + random.nextInt(1, 9)), value);
      }
      case 5 -> {
        // a stretch copied over another one
        int length = random.nextInt(1, Math.min(64, file.length));
        int from = random.nextInt(file.length - length);
        int to = random.nextInt(file.length - length);
        System.arraycopy(original, from, file, to, length);
      }
      default -> {
        // a stretch cut out
        int length = random.nextInt(1, Math.min(64, file.length));
        int from = random.nextInt(file.length - length);
        file = new byte[original.length - length];
        System.arraycopy(original, 0, file, 0, from);
        System.arraycopy(original, from + length, file, from, file.length - from);
      }
    }
    return file;
  }
}
