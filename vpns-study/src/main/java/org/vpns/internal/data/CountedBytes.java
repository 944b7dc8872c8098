package org.vpns.internal.data;

import javax.imageio.stream.ImageInputStreamImpl;

/** Bytes in memory that notice when a reader wants more than there are. */
final class CountedBytes extends ImageInputStreamImpl {
  private final byte[] content;
  private boolean missed;

  CountedBytes(byte[] content) {
    this.content = content;
  }

  /** Whether something was read behind the last byte: Java fills up cut JPEG files in silence. */
  boolean hasMissed() {
    return missed;
  }

  @Override
  public int read() {
    bitOffset = 0;
    if (streamPos >= content.length) {
      missed = true;
      return -1;
    }
    return content[(int) streamPos++] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    int count = (int) Math.min(length, content.length - streamPos);
    if (count <= 0) {
      missed = true;
      return -1;
    }
    System.arraycopy(content, (int) streamPos, target, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return content.length;
  }
}
