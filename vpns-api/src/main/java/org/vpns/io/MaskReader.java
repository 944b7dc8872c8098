package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads version 1 of the mask format. What a length claims is read in steps as it arrives, never
 * allocated ahead.
 */
final class MaskReader {
  private final InputStream in;
  private final String source;
  private final CRC32C checksum = new CRC32C();
  private long position;

  MaskReader(InputStream in, String source) {
    this.in = in;
    this.source = source;
  }

  MaskFile read() throws IOException {
    byte[] magic = take(MaskFile.MAGIC.length, "magic");
    if (!Arrays.equals(magic, MaskFile.MAGIC)) {
      throw bad("not a mask file", 0, "magic", hex(MaskFile.MAGIC), hex(magic));
    }
    long at = position;
    int version = takeInt("version");
    if (version != MaskFile.VERSION) {
      throw bad("unknown version of the mask format", at, "version", MaskFile.VERSION, version);
    }
    String model = takeText("model");
    Map<String, String> metadata = takeMetadata();
    int count = takeCount("number of masks");
    checkSum("checksum of the header");
    List<MaskFile.Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(takeEntry("mask " + i));
    }
    return new MaskFile(source, model, metadata, entries);
  }

  void requireEnd() throws IOException {
    if (in.read() >= 0) {
      throw bad("mask file goes on after its last mask", position, "end", "no more", "more bytes");
    }
  }

  private Map<String, String> takeMetadata() throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    int count = takeCount("number of metadata");
    for (int i = 0; i < count; i++) {
      long at = position;
      String key = takeText("metadata key");
      if (metadata.put(key, takeText("metadata value")) != null) {
        throw bad(
            "metadata key twice",
            at,
            "metadata key",
            "unique keys",
            FormatException.shortened(key));
      }
    }
    return metadata;
  }

  private MaskFile.Entry takeEntry(String name) throws IOException {
    long offset = position;
    String path = takeText(name + " path");
    int rank = take(1, name + " rank")[0] & 0xff;
    long[] dimensions = new long[rank];
    long at = position;
    for (int i = 0; i < rank; i++) {
      dimensions[i] =
          ByteBuffer.wrap(take(8, name + " shape")).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
    int bytes = (int) ((size(dimensions, at, name + " shape") + 7) / 8);
    byte[] bits = take(bytes, name + " bits");
    checkSum(name + " checksum");
    long[] words = new long[(bytes + 7) / 8];
    ByteBuffer.wrap(bits).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words, 0, bytes / 8);
    for (int i = bytes & -8; i < bytes; i++) {
      words[i >>> 3] |= (bits[i] & 0xffL) << (i * 8);
    }
    return new MaskFile.Entry(path, new Shape(dimensions), words, offset);
  }

  /** Number of entries; 0 if any dimension is 0, however large the others are. */
  private long size(long[] dimensions, long at, String field) throws FormatException {
    if (Arrays.stream(dimensions).anyMatch(d -> d < 0)) {
      throw bad(
          "mask shape out of range",
          at,
          field,
          "dimensions of 0 or more",
          Arrays.toString(dimensions));
    }
    if (Arrays.stream(dimensions).anyMatch(d -> d == 0)) {
      return 0;
    }
    long size = 1;
    for (long dimension : dimensions) {
      // both factors are below 2^31 where they are multiplied
      size = dimension > Integer.MAX_VALUE ? dimension : size * dimension;
      if (size > Integer.MAX_VALUE) {
        throw bad(
            "mask shape out of range",
            at,
            field,
            "fewer than 2^31 entries",
            Arrays.toString(dimensions));
      }
    }
    return size;
  }

  private int takeCount(String field) throws IOException {
    long at = position;
    int count = takeInt(field);
    if (count < 0) {
      throw bad("count out of range", at, field, "0 or more", count);
    }
    return count;
  }

  private int takeInt(String field) throws IOException {
    return ByteBuffer.wrap(take(4, field)).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private String takeText(String field) throws IOException {
    long at = position;
    int length = takeInt(field + " length");
    if (length < 0 || length > MaskFile.MAX_TEXT_BYTES) {
      throw bad(
          "text length out of range",
          at,
          field + " length",
          "0 to " + MaskFile.MAX_TEXT_BYTES,
          length);
    }
    at = position;
    byte[] bytes = take(length, field);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw bad("text is no UTF-8", at, field, "UTF-8", e.toString());
    }
  }

  private void checkSum(String field) throws IOException {
    long at = position;
    int computed = (int) checksum.getValue();
    int stored = takeInt(field);
    checksum.reset();
    if (stored != computed) {
      throw bad(
          "checksum differs",
          at,
          field,
          Integer.toHexString(computed),
          Integer.toHexString(stored));
    }
  }

  private byte[] take(int length, String field) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw bad("mask file ends early", position, field, length + " bytes", bytes.length);
    }
    checksum.update(bytes);
    position += length;
    return bytes;
  }

  private FormatException bad(String what, long at, String field, Object expected, Object found) {
    return FormatException.at(what, source, at, field, expected, found);
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      text.append("%02x".formatted(b));
    }
    return text.toString();
  }
}
