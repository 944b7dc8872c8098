package org.vpns.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.vpns.Problem;

/** Writes version 1 of the mask format. */
final class MaskWriter {
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private final CheckedOutputStream out;

  MaskWriter(OutputStream out) {
    this.out = new CheckedOutputStream(new BufferedOutputStream(out), new CRC32C());
  }

  void write(MaskFile content) throws IOException {
    out.write(MaskFile.MAGIC);
    putInt(MaskFile.VERSION);
    putText(content.model(), "model");
    putInt(content.metadata().size());
    for (Map.Entry<String, String> entry : content.metadata().entrySet()) {
      putText(entry.getKey(), "metadata key");
      putText(entry.getValue(), "metadata value");
    }
    putInt(content.entries().size());
    finishPart();
    for (MaskFile.Entry entry : content.entries()) {
      putText(entry.path(), "path");
      long[] dimensions = entry.shape().getShape();
      if (dimensions.length > 255) {
        throw Problem.argument(
            "mask has too many dimensions",
            "'" + entry.path() + "'",
            "at most 255",
            dimensions.length,
            "flatten it");
      }
      out.write(dimensions.length);
      for (long dimension : dimensions) {
        putLong(dimension);
      }
      putBits(entry.words(), (int) ((entry.size() + 7L) / 8));
      finishPart();
    }
    out.flush();
  }

  private void putInt(int value) throws IOException {
    out.write(number.putInt(0, value).array(), 0, 4);
  }

  private void putLong(long value) throws IOException {
    out.write(number.putLong(0, value).array(), 0, 8);
  }

  private void putText(String text, String field) throws IOException {
    ByteBuffer bytes;
    try {
      bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw Problem.argument(
          "text cannot be stored", field, "Unicode text", "half a pair", "change the text");
    }
    if (bytes.remaining() > MaskFile.MAX_TEXT_BYTES) {
      throw Problem.argument(
          "text too long",
          field,
          "at most " + MaskFile.MAX_TEXT_BYTES + " bytes",
          bytes.remaining(),
          "shorten it");
    }
    putInt(bytes.remaining());
    out.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
  }

  private void putBits(long[] words, int count) throws IOException {
    for (int at = 0; at < count; at += 8) {
      number.putLong(0, words[at / 8]);
      out.write(number.array(), 0, Math.min(8, count - at));
    }
  }

  /** Writes the checksum of everything since the last one. */
  private void finishPart() throws IOException {
    putInt((int) out.getChecksum().getValue());
    out.getChecksum().reset();
  }
}
