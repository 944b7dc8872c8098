package org.vpns.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * A channel for a library that would close it, if not at once, then when the garbage collector
 * comes by: closing this one closes nothing.
 */
final class LentChannel implements SeekableByteChannel {
  private final SeekableByteChannel owner;
  private int reads;

  /**
   * @param reads how often it may be read: a library that makes an object of whatever it reads
   *     makes no more of them
   */
  LentChannel(SeekableByteChannel owner, int reads) {
    this.owner = owner;
    this.reads = reads;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (--reads < 0) {
      throw new IOException("more entries than any network has");
    }
    return owner.read(target);
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public long position() throws IOException {
    return owner.position();
  }

  @Override
  public SeekableByteChannel position(long newPosition) throws IOException {
    owner.position(newPosition);
    return this;
  }

  @Override
  public long size() throws IOException {
    return owner.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return owner.isOpen();
  }

  @Override
  public void close() {
    // the owner's business
  }
}
