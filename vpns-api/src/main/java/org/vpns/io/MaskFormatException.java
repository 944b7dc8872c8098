package org.vpns.io;

import java.io.IOException;
import org.vpns.Problem;

/** A mask file that breaks its format or holds content that makes no mask set; says where. */
public final class MaskFormatException extends IOException {
  private final long byteOffset;
  private final String field;

  MaskFormatException(
      String what, String source, long byteOffset, String field, Object expected, Object found) {
    super(
        Problem.message(
            what,
            source + ", byte " + byteOffset + ", " + field,
            expected,
            found,
            "write or fetch the file again"));
    this.byteOffset = byteOffset;
    this.field = field;
  }

  /** Where in the file, counted from 0. */
  public long byteOffset() {
    return byteOffset;
  }

  /** Which field, as the description of the format calls it. */
  public String field() {
    return field;
  }
}
