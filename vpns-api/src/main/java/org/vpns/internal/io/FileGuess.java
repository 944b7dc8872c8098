package org.vpns.internal.io;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file is that no reader wants, judged by its first bytes: the things that lie where a
 * network's weights should be.
 *
 * @param what what it looks like, for the part of a message that says what was found
 * @param remedy how to get the file that was meant
 */
public record FileGuess(String what, String remedy) {
  /** How many first bytes are enough for a guess. */
  public static final int HEAD_BYTES = 512;

  /** A guess, or none if the bytes look like no text. */
  public static Optional<FileGuess> ofText(byte[] head) {
    if (head.length == 0) {
      return Optional.of(new FileGuess("an empty file", "fetch the file again"));
    }
    for (byte b : head) {
      // no binary format begins with so many bytes without a single control character
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
        return Optional.empty();
      }
    }
    String text = new String(head, StandardCharsets.UTF_8).strip();
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.startsWith("version https://git-lfs.github.com/spec/")) {
      return Optional.of(
          new FileGuess("a Git LFS pointer", "fetch the content it points to: git lfs pull"));
    }
    if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
      return Optional.of(
          new FileGuess(
              "a web page (HTML)", "the download failed: follow the link and save again"));
    }
    String begin = text.lines().findFirst().orElse("");
    return Optional.of(
        new FileGuess(
            "text beginning '" + begin.substring(0, Math.min(40, begin.length())) + "'",
            "pass the file with the weights"));
  }

  /** A guess in any case: of a text, or the first bytes in hexadecimal. */
  public static FileGuess of(byte[] head) {
    return ofText(head)
        .orElseGet(
            () ->
                new FileGuess(
                    "first bytes "
                        + HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(8, head.length)),
                    "pass a file of a known format"));
  }
}
