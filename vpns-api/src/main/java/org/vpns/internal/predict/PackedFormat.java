package org.vpns.internal.predict;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;

/** What {@code weights.safetensors} of a result folder says of itself. */
public final class PackedFormat {
  private static final String FORMAT = "vpns-packed";
  private static final String VERSION = "1";
  private static final String MASKS = "masks.crc32";

  private PackedFormat() {}

  /**
   * A file to be.
   *
   * @param masksChecksum of the mask file that belongs to it
   */
  public static SafeTensors.Builder builder(String masksChecksum) {
    return SafeTensors.builder()
        .metadata("format", FORMAT)
        .metadata("version", VERSION)
        .metadata(MASKS, masksChecksum)
        .metadata(
            "packed",
            "tensors named in masks.vpns hold their kept values, in the order of their"
                + " positions; all others are dense");
  }

  /**
   * Refuses files of another format or to other masks.
   *
   * @param masksChecksum of the mask file beside it
   */
  public static void require(SafeTensors tensors, String masksChecksum, Path file)
      throws IOException {
    expect(tensors, "format", FORMAT, file);
    expect(tensors, "version", VERSION, file);
    expect(tensors, MASKS, masksChecksum, file);
  }

  private static void expect(SafeTensors tensors, String key, String expected, Path file)
      throws IOException {
    String found = tensors.metadata().get(key);
    if (!expected.equals(found)) {
      throw new FormatException(
          key.equals(MASKS) ? "weights and masks disagree" : "weights of another format",
          file.toString(),
          "metadata '" + key + "'",
          expected,
          found,
          "use files of one result");
    }
  }

  /** Refuses a tensor that is not of floats. */
  public static void requireFloats(SafeTensors tensors, String path, Path file)
      throws FormatException {
    if (!tensors.type(path).isFloat()) {
      throw new FormatException(
          "weight of another type",
          file.toString(),
          path,
          "floats",
          tensors.type(path),
          "take a copy of the folder as it was written");
    }
  }

  /** CRC-32 of a file's bytes, eight hexadecimal digits. */
  public static String checksum(byte[] bytes) {
    return String.format(Locale.ROOT, "%08x", Hashing.crc32().hashBytes(bytes).asInt());
  }
}
