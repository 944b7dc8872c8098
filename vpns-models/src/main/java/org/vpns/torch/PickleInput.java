package org.vpns.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;

/** Reads one part of a file from front to back; never past its end. */
final class PickleInput {
  private static final int BUFFER_BYTES = 1 << 13;

  private final SeekableByteChannel channel;
  private final long end;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** Where in the file the byte after the buffer's last one lies. */
  private long next;

  /** The bytes begin .. end - 1 of a file. */
  PickleInput(SeekableByteChannel channel, long begin, long end) {
    this.channel = channel;
    this.next = begin;
    this.end = end;
  }

  /** Where in the file the next byte lies. */
  long position() {
    return next - buffer.remaining();
  }

  /** Bytes to the end of the part. */
  long remaining() {
    return end - position();
  }

  int u8() throws IOException, Refusal {
    require(1);
    return buffer.get() & 0xff;
  }

  int u16() throws IOException, Refusal {
    require(2);
    return buffer.getShort() & 0xffff;
  }

  int i32() throws IOException, Refusal {
    require(4);
    return buffer.getInt();
  }

  long i64() throws IOException, Refusal {
    require(8);
    return buffer.getLong();
  }

  /** Eight bytes, most significant first. */
  double bigEndianDouble() throws IOException, Refusal {
    return Double.longBitsToDouble(Long.reverseBytes(i64()));
  }

  /** The next bytes; nothing is allocated before it is known that the part has so many. */
  byte[] bytes(long count, int limit) throws IOException, Refusal {
    if (count < 0 || count > limit) {
      throw new Refusal("length out of range", "0 to " + limit + " bytes", count);
    }
    if (count > remaining()) {
      throw tooShort(count);
    }
    byte[] result = new byte[(int) count];
    for (int at = 0; at < result.length; ) {
      if (!buffer.hasRemaining()) {
        require(1);
      }
      int step = Math.min(buffer.remaining(), result.length - at);
      buffer.get(result, at, step);
      at += step;
    }
    return result;
  }

  /** Bytes up to the next line feed, which is dropped. */
  byte[] line(int limit) throws IOException, Refusal {
    byte[] result = new byte[limit];
    for (int length = 0; length < limit; length++) {
      int b = u8();
      if (b == '\n') {
        return java.util.Arrays.copyOf(result, length);
      }
      result[length] = (byte) b;
    }
    throw new Refusal("name too long", "at most " + limit + " bytes", "more");
  }

  private void require(int count) throws IOException, Refusal {
    if (buffer.remaining() >= count) {
      return;
    }
    if (count > remaining()) {
      throw tooShort(count);
    }
    buffer.compact();
    buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + (end - next)));
    channel.position(next);
    while (buffer.position() < count) {
      int got = channel.read(buffer);
      if (got < 0) {
        throw new Refusal("file became shorter", end + " bytes", channel.size());
      }
      next += got;
    }
    buffer.flip();
  }

  private Refusal tooShort(long wanted) {
    return new Refusal("unexpected end", wanted + " more bytes", remaining());
  }
}
