package org.vpns.internal.study;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.vpns.io.FormatException;

/** Reads files that may be gzip-compressed, and turns gzip's failures into named ones. */
public final class Unzipped {
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int BUFFER = 1 << 16;

  /** Reads a stream to its end. */
  public interface Reader<T> {
    /** Reads; the stream is closed by the caller. */
    T read(InputStream in) throws IOException;
  }

  private Unzipped() {}

  /**
   * Reads the stream, decompressed if its first two bytes are those of gzip; closes it.
   *
   * @throws FormatException if the compressed bytes are cut short or damaged
   */
  public static <T> T read(InputStream raw, String name, Reader<T> reader) throws IOException {
    try (InputStream buffered = new BufferedInputStream(raw, BUFFER)) {
      buffered.mark(2);
      int head = buffered.read() << 8 | buffered.read();
      buffered.reset();
      if (head != GZIP_MAGIC) {
        return reader.read(buffered);
      }
      try (InputStream unzipped =
          new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER)) {
        return reader.read(unzipped);
      }
    } catch (EOFException | ZipException e) {
      throw new FormatException(
              "damaged gzip file", name, "a complete gzip stream", e, "copy the file again")
          .causedBy(e);
    }
  }
}
