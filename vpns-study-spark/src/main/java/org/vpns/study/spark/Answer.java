package org.vpns.study.spark;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.vpns.internal.run.Failures;

/**
 * What an executor answers. It comes as bytes, which any serializer that the user has chosen for
 * Spark can carry.
 *
 * @param kind how it went
 * @param content files of the run, or a message in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
record Answer(Kind kind, byte[] content) {
  /** Kinds of answers. */
  enum Kind {
    /** The run is done; the content is what it left. */
    DONE,
    /** The run failed, as the message says. */
    FAILED,
    /** No run can be made, as the message says. */
    ENDED
  }

  static Answer done(byte[] files) {
    return new Answer(Kind.DONE, files);
  }

  static Answer of(Kind kind, Throwable e) {
    return new Answer(kind, Failures.inWords(e).getBytes(StandardCharsets.UTF_8));
  }

  String text() {
    return new String(content, StandardCharsets.UTF_8);
  }

  byte[] toBytes() {
    byte[] bytes = new byte[content.length + 1];
    bytes[0] = (byte) kind.ordinal();
    System.arraycopy(content, 0, bytes, 1, content.length);
    return bytes;
  }

  static Answer of(byte[] bytes) {
    return new Answer(Kind.values()[bytes[0]], Arrays.copyOfRange(bytes, 1, bytes.length));
  }
}
