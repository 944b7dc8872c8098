package org.vpns.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.Problem;

/** Text files whose writer is not trusted: strict UTF-8 of bounded length. */
public final class TextFile {
  /** What some editors put before UTF-8; no part of the text. */
  private static final String MARK = "\ufeff";

  private TextFile() {}

  /**
   * The whole text, without a byte order mark.
   *
   * @param maxBytes longest file that is read
   * @throws IOException if the file cannot be read, is longer, or is no UTF-8
   */
  public static String read(Path file, int maxBytes) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      // not the file's size: it may be a pipe, or grow
      bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw new IOException(
            Problem.message(
                "text file too long",
                file.toString(),
                "at most " + maxBytes + " bytes",
                "more",
                "write or fetch the file again"));
      }
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith(MARK) ? text.substring(MARK.length()) : text;
    } catch (CharacterCodingException e) {
      throw new IOException(
          Problem.message(
              "text file is no text",
              file.toString(),
              "UTF-8",
              "other bytes",
              "write or fetch the file again"),
          e);
    }
  }
}
