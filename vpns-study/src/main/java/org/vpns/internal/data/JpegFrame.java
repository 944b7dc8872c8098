package org.vpns.internal.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the segments of a JPEG file say before its pixels begin. */
final class JpegFrame {
  private static final int START_OF_SCAN = 0xda;
  private static final int APP14 = 0xee;
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

  /** Byte of Adobe's segment that says how colours were transformed, after the length. */
  private static final int TRANSFORM = 11;

  private static final int APP2 = 0xe2;
  private static final byte[] PROFILE = "ICC_PROFILE".getBytes(StandardCharsets.US_ASCII);

  private JpegFrame() {}

  /**
   * The file without a colour profile, which Java's reader would apply; itself if it has none or is
   * of another format.
   */
  static byte[] withoutProfile(byte[] file) {
    if (byteAt(file, 0) != 0xff || byteAt(file, 1) != 0xd8) {
      return file;
    }
    ByteArrayOutputStream left = new ByteArrayOutputStream();
    int kept = 0; // what lies before it is written, or left out
    for (int at = 2; at >= 0; ) {
      int next = next(file, at);
      if (next >= 0 && isNamed(file, at, APP2, PROFILE)) {
        left.write(file, kept, at - kept);
        kept = next;
      }
      at = next;
    }
    if (kept == 0) {
      return file;
    }
    left.write(file, kept, file.length - kept);
    return left.toByteArray();
  }

  private static boolean isNamed(byte[] file, int at, int marker, byte[] name) {
    int from = at + 4;
    return marker(file, at) == marker
        && from + name.length <= file.length
        && Arrays.equals(file, from, from + name.length, name, 0, name.length);
  }

  /** Number of components of the frame; 0 if there is none. */
  static int components(byte[] file) {
    for (int at = 2; at >= 0; at = next(file, at)) {
      int marker = marker(file, at);
      // 0xc4, 0xc8 and 0xcc are tables, the others frames
      if (marker >= 0xc0 && marker <= 0xcf && marker % 4 != 0 || marker == 0xc0) {
        return byteAt(file, at + 9);
      }
    }
    return 0;
  }

  /** 0: none, 1: YCbCr, 2: YCCK; 0 where nothing is said. */
  static int adobeTransform(byte[] file) {
    for (int at = 2; at >= 0; at = next(file, at)) {
      if (isNamed(file, at, APP14, ADOBE)) {
        return byteAt(file, at + 4 + TRANSFORM);
      }
    }
    return 0;
  }

  private static int marker(byte[] file, int at) {
    return byteAt(file, at + 1);
  }

  /** Where the next segment begins; -1 if pixels begin or the file is at an end. */
  private static int next(byte[] file, int at) {
    int marker = marker(file, at);
    if (byteAt(file, at) != 0xff || marker == START_OF_SCAN || at + 4 > file.length) {
      return -1;
    }
    if (marker == 0xff) {
      return at + 1; // filling
    }
    int length = byteAt(file, at + 2) << 8 | byteAt(file, at + 3);
    return length < 2 || at + 2 + length >= file.length ? -1 : at + 2 + length;
  }

  private static int byteAt(byte[] file, int at) {
    return at < file.length ? file[at] & 0xff : 0;
  }
}
