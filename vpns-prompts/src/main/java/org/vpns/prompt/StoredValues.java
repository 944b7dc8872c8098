package org.vpns.prompt;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.vpns.Problem;

/**
 * A prompt's values within a model's parameter stream: version byte (written by the block), the
 * prompt's identity, their number, the values, and a CRC-32 of the values; big-endian.
 */
final class StoredValues {
  /** Characters of an identity; a stream's text has at most 65,535 bytes, up to 3 for each. */
  private static final int LONGEST = 16_384;

  private StoredValues() {}

  static void write(DataOutputStream os, String identity, float[] values) throws IOException {
    byte[] bytes = bytes(values);
    os.writeUTF(brief(identity));
    os.writeInt(values.length);
    os.write(bytes);
    os.writeInt(checksum(bytes));
  }

  static float[] read(DataInputStream is, byte version, String identity, int count)
      throws IOException, MalformedModelException {
    try {
      expect(
          "stored in another version", version, is.readByte(), "load it with the version it names");
      expect(
          "made for something else",
          brief(identity),
          is.readUTF(),
          "make the prompt it was saved from");
      expect("of another size", count, is.readInt(), "the data is damaged; take another copy");
      byte[] bytes = new byte[4 * count];
      is.readFully(bytes);
      expect("damaged", checksum(bytes), is.readInt(), "take another copy");
      float[] values = new float[count];
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
      return values;
    } catch (EOFException | UTFDataFormatException e) {
      throw new MalformedModelException(
          message("cut short or damaged", identity, "the end of the data", "take another copy"), e);
    }
  }

  /** Writes into an array in place: its memory stays where it is. */
  static void set(NDArray array, float[] values) {
    try (NDArray loaded = array.getManager().create(values)) {
      array.set(new NDIndex(":"), loaded);
    }
  }

  /** The identity, or where a stream's text has no room for it, its beginning and checksum. */
  private static String brief(String identity) {
    return identity.length() <= LONGEST
        ? identity
        : identity.substring(0, LONGEST)
            + "... "
            + Integer.toHexString(checksum(identity.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] bytes(float[] values) {
    byte[] bytes = new byte[4 * values.length];
    ByteBuffer.wrap(bytes).asFloatBuffer().put(values);
    return bytes;
  }

  private static void expect(String what, Object expected, Object found, String remedy)
      throws MalformedModelException {
    if (!expected.equals(found)) {
      throw new MalformedModelException(message(what, expected, found, remedy));
    }
  }

  private static String message(String what, Object expected, Object found, String remedy) {
    return Problem.message(
        "stored prompt " + what,
        "loadParameters",
        expected,
        found,
        remedy + "; the prompt was not changed");
  }

  private static int checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
