package org.vpns.io;

import org.jspecify.annotations.Nullable;

/** Element types of a safetensors file, under the names that the file uses. */
public enum TensorType {
  /** 64-bit float. */
  F64(8),
  /** 32-bit float. */
  F32(4),
  /** 16-bit float of IEEE 754. */
  F16(2),
  /** The upper half of a 32-bit float. */
  BF16(2),
  /** 8-bit float with 5 bits of exponent. */
  F8_E5M2(1),
  /** 8-bit float with 4 bits of exponent. */
  F8_E4M3(1),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Signed 16-bit integer. */
  I16(2),
  /** Signed 8-bit integer. */
  I8(1),
  /** Unsigned 64-bit integer. */
  U64(8),
  /** Unsigned 32-bit integer. */
  U32(4),
  /** Unsigned 16-bit integer. */
  U16(2),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** 0 or 1 in a byte. */
  BOOL(1);

  private final int width;

  TensorType(int width) {
    this.width = width;
  }

  /** Bytes of one element. */
  public int width() {
    return width;
  }

  /** Whether {@link SafeTensors#floats} and {@link SafeTensors#doubles} can read it. */
  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  static @Nullable TensorType find(String name) {
    for (TensorType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }
}
