package org.vpns.internal.io;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * Stretches of a file, little-endian.
 *
 * <p>Long ones are mapped into memory, in segments, which takes 0.6 of the time of copying them
 * through a buffer. A mapping lasts until its buffer is collected. Where a file can be replaced
 * while it is mapped, that does no harm: the old content stays readable to who maps it. Windows
 * refuses to replace a mapped file, so nothing is mapped there. Between two stretches the file must
 * stay the same one.
 */
public final class FileBytes {
  /** Below this, setting a mapping up costs more than it saves. */
  private static final int MAPPED_FROM = 1 << 16;

  private static final int CHUNK_BYTES = 1 << 16;

  private static final String WHOLE =
      "read it again once it is whole, and do not change a file in use";

  /** A buffer has an int for its size; this one is a multiple of every page size. */
  private static final int SEGMENT_BYTES = 1 << 30;

  private final Path file;
  private final int segmentBytes;
  private final @Nullable FileStamp stamp;

  private FileBytes(Path file, int segmentBytes) throws IOException {
    this.file = file;
    this.segmentBytes = segmentBytes;
    stamp = FileStamp.of(file);
  }

  /** Mapped where that is safe. */
  public static FileBytes of(Path file) throws IOException {
    return new FileBytes(file, File.separatorChar == '\\' ? 0 : SEGMENT_BYTES);
  }

  /** Mapped in segments of this size, a multiple of 8; 0 reads without mapping. */
  public static FileBytes of(Path file, int segmentBytes) throws IOException {
    return new FileBytes(file, segmentBytes);
  }

  /** What is read of an open file. */
  @FunctionalInterface
  public interface Reading<T> {
    /** Reads. */
    T read(FileChannel channel) throws IOException;
  }

  /**
   * Opens a file, reads and closes it.
   *
   * @throws IOException if it cannot be read, or the thread is interrupted, of which the channel
   *     says nothing in words
   */
  public static <T> T with(Path file, Reading<T> reading) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return reading.read(channel);
    } catch (Shorter e) {
      throw e.of(file.toString());
    } catch (ClosedByInterruptException e) {
      throw new IOException(
          Problem.message(
              "file was not read to its end",
              file.toString(),
              "a thread that reads on",
              "an interrupt of it",
              "read it again after Thread.interrupted(), which clears it"),
          e);
    }
  }

  /**
   * Passes bytes {@code begin} to {@code end} on, in order, in buffers of whole 8-byte units but
   * for the last.
   *
   * @throws EOFException if the file has become shorter
   * @throws IOException if it cannot be read, or has been replaced since this was made
   */
  public void forEach(long begin, long end, IoConsumer<ByteBuffer> action) throws IOException {
    with(
        file,
        channel -> {
          forEach(channel, begin, end, action);
          return end;
        });
  }

  private void forEach(FileChannel channel, long begin, long end, IoConsumer<ByteBuffer> action)
      throws IOException {
    if (channel.size() < end) {
      throw new Shorter(end, channel.size());
    }
    requireSame();
    boolean mapped = segmentBytes > 0 && end - begin >= Math.min(MAPPED_FROM, segmentBytes);
    for (long at = begin; at < end; ) {
      long next = Math.min(end, at + (mapped ? segmentBytes : CHUNK_BYTES));
      ByteBuffer part = mapped ? map(channel, at, next) : null;
      if (part == null) {
        mapped = false;
        next = Math.min(end, at + CHUNK_BYTES);
        part = ByteBuffer.allocate((int) (next - at));
        fill(channel, part, at);
      }
      act(action, part.order(ByteOrder.LITTLE_ENDIAN));
      at = next;
    }
  }

  /** Half of this file and half of the one in its place would look like a damaged one. */
  private void requireSame() throws IOException {
    if (!Objects.equals(stamp, FileStamp.of(file))) {
      throw new IOException(
          Problem.message(
              "file was replaced while it was read",
              file.toString(),
              "the file that was opened",
              "another one of its name",
              "read it again from the beginning"));
    }
  }

  /** Null where the file system cannot map. */
  private static @Nullable MappedByteBuffer map(FileChannel channel, long begin, long end) {
    try {
      return channel.map(FileChannel.MapMode.READ_ONLY, begin, end - begin);
    } catch (IOException e) {
      return null;
    }
  }

  private void act(IoConsumer<ByteBuffer> action, ByteBuffer part) throws IOException {
    try {
      action.accept(part);
    } catch (InternalError e) {
      // What the JVM makes of a page that is not there any more.
      throw new IOException(
          Problem.message(
              "file became shorter or unreadable while it was read",
              file.toString(),
              part.capacity() + " bytes",
              "a fault",
              WHOLE),
          e);
    }
  }

  /** Fills the buffer from a position of the file and flips it. */
  public static void fill(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new Shorter(position + buffer.limit(), position + buffer.position());
      }
    }
    buffer.flip();
  }

  /** The end of a file comes before that of what is read. */
  public static final class Shorter extends EOFException {
    private static final long serialVersionUID = 1;

    private final long expected;
    private final long found;

    /** Of a file whose name is not known here. */
    public Shorter(long expected, long found) {
      this("a file", expected, found);
    }

    private Shorter(String file, long expected, long found) {
      super(
          Problem.message(
              "file became shorter", file, "at least " + expected + " bytes", found, WHOLE));
      this.expected = expected;
      this.found = found;
    }

    /** The same with the file's name. */
    public Shorter of(String file) {
      return new Shorter(file, expected, found);
    }
  }
}
