package org.vpns.io;

import java.io.IOException;
import org.vpns.Problem;

/** A safetensors file that breaks its format; says where. */
public final class SafeTensorsException extends IOException {
  private final long byteOffset;
  private final String field;

  SafeTensorsException(
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

  /** Where in the file, counted from 0; 8 (the header's first byte) for a field of the header. */
  public long byteOffset() {
    return byteOffset;
  }

  /** Which field: {@code header length}, {@code header}, or a tensor's name with its field. */
  public String field() {
    return field;
  }
}
