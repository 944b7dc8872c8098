package org.vpns.torch;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.vpns.Problem;

/** Reading whole buffers. */
final class Reading {
  private Reading() {}

  /** Opens the bytes of a file, each time anew. */
  interface Opener {
    SeekableByteChannel open() throws IOException;
  }

  /** Fills a buffer from its position to its limit, and flips it. */
  static void fill(SeekableByteChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    channel.position(position);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(
            Problem.message(
                "file became shorter",
                "byte " + position,
                buffer.limit() + " bytes",
                buffer.position(),
                "do not change a file in use"));
      }
    }
    buffer.flip();
  }
}
