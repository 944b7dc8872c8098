package org.vpns.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.vpns.internal.io.FileBytes;

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
        throw new FileBytes.Shorter(position + buffer.limit(), position + buffer.position());
      }
    }
    buffer.flip();
  }
}
