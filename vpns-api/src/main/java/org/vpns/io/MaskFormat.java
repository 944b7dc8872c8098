package org.vpns.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.MaskSet;
import org.vpns.internal.io.AtomicFiles;

/**
 * The mask file, usually named {@code *.vpns}: one bit for each prunable weight, with paths,
 * shapes, the model's name and free text, and a CRC-32C over each part. The byte layout is
 * described in {@code docs/mask-format.md}; a file written by any released version stays readable.
 *
 * <p>Reading never takes more memory than a small multiple of the bytes that are really there.
 */
public final class MaskFormat {
  /** First bytes of every mask file. */
  static final byte[] MAGIC = {(byte) 0x89, 'V', 'P', 'N', 'M', '\r', '\n', 0x1a};

  /** The version that is written, and the newest that is read. */
  public static final int VERSION = 1;

  /** Longest text in a file, in bytes of UTF-8. */
  public static final int MAX_TEXT_BYTES = 1 << 20;

  private MaskFormat() {}

  /** Writes masks alone. An existing file is replaced, whole or not at all. */
  public static void write(MaskSet masks, Path file) throws IOException {
    write(MaskFile.of(masks), file);
  }

  /** Writes masks with what belongs to them. An existing file is replaced, whole or not at all. */
  public static void write(MaskFile content, Path file) throws IOException {
    AtomicFiles.write(file, out -> write(content, out));
  }

  /**
   * Writes to a stream, which is not closed.
   *
   * @throws IllegalArgumentException if a text is longer than {@link #MAX_TEXT_BYTES} or no Unicode
   */
  public static void write(MaskFile content, OutputStream out) throws IOException {
    new MaskWriter(out).write(content);
  }

  /**
   * Reads and validates the masks of a file.
   *
   * @throws FormatException if the file is damaged or its content makes no mask set
   */
  public static MaskSet read(Path file) throws IOException {
    return parse(file).masks();
  }

  /**
   * Parses a file; its content is not validated yet.
   *
   * @throws FormatException if the file is damaged, or goes on after the last mask
   */
  public static MaskFile parse(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      MaskReader reader = new MaskReader(in, file.toString());
      MaskFile content = reader.read();
      reader.requireEnd();
      return content;
    }
  }

  /**
   * Parses from a stream, which is left after the last mask and not closed; the content is not
   * validated yet.
   *
   * @param source what to call the stream in messages
   * @throws FormatException if the content is damaged
   */
  public static MaskFile parse(InputStream in, String source) throws IOException {
    return new MaskReader(in, source).read();
  }
}
