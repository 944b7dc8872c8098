package org.vpns.examples.mutation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.vpns.testing.Mutations;

/** Width and height that a picture's file states, or all that follows them. */
final class PictureSize implements Structure {
  private static final int PNG_HEADER = 12; // its type; the checksum is over 17 bytes from here

  @Override
  public byte[] mutate(byte[] file, RandomGenerator random) {
    byte[] changed = random.nextInt(3) == 0 ? Mutations.mutate(file, random) : file.clone();
    int size = random.nextInt(4) == 0 ? (int) Structure.number(random) : random.nextInt(1, 30_000);
    boolean height = random.nextBoolean();
    ByteBuffer out = ByteBuffer.wrap(changed);
    switch (changed[0]) {
      case (byte) 0x89 -> { // PNG
        out.putInt(height ? 20 : 16, size);
        CRC32 crc = new CRC32();
        crc.update(changed, PNG_HEADER, 17);
        out.putInt(PNG_HEADER + 17, (int) crc.getValue());
      }
      case 'B' -> out.order(ByteOrder.LITTLE_ENDIAN).putInt(height ? 22 : 18, size); // BMP
      case 'G' -> { // GIF: the screen's, and the first picture's behind the marker
        int marker = 13;
        while (changed[marker] != ',') {
          marker++;
        }
        out.order(ByteOrder.LITTLE_ENDIAN).putShort(height ? 8 : 6, (short) size);
        out.putShort(marker + (height ? 7 : 5), (short) size);
      }
      default -> { // JPEG: in the frame's header
        int frame = 0;
        while (changed[frame] != (byte) 0xff || changed[frame + 1] != (byte) 0xc0) {
          frame++;
        }
        out.putShort(frame + (height ? 5 : 7), (short) size);
      }
    }
    return changed;
  }
}
