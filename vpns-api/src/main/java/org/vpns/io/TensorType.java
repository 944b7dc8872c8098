package org.vpns.io;

/** Element types of a safetensors file, under the names that the file uses. */
public enum TensorType {
  /** 64-bit float. */
  F64(64),
  /** 32-bit float. */
  F32(32),
  /** 16-bit float of IEEE 754. */
  F16(16),
  /** The upper half of a 32-bit float. */
  BF16(16),
  /** 8-bit float with 5 bits of exponent. */
  F8_E5M2(8),
  /** 8-bit float with 4 bits of exponent. */
  F8_E4M3(8),
  /** 8-bit float with 5 bits of exponent, neither infinities nor -0. */
  F8_E5M2FNUZ(8),
  /** 8-bit float with 4 bits of exponent, neither infinities nor -0. */
  F8_E4M3FNUZ(8),
  /** A power of two in 8 bits of exponent. */
  F8_E8M0(8),
  /** 6-bit float with 2 bits of exponent, packed. */
  F6_E2M3(6),
  /** 6-bit float with 3 bits of exponent, packed. */
  F6_E3M2(6),
  /** 4-bit float, packed. */
  F4(4),
  /** Two 32-bit floats, a real and an imaginary part. */
  C64(64),
  /** Signed 64-bit integer. */
  I64(64),
  /** Signed 32-bit integer. */
  I32(32),
  /** Signed 16-bit integer. */
  I16(16),
  /** Signed 8-bit integer. */
  I8(8),
  /** Unsigned 64-bit integer. */
  U64(64),
  /** Unsigned 32-bit integer. */
  U32(32),
  /** Unsigned 16-bit integer. */
  U16(16),
  /** Unsigned 8-bit integer. */
  U8(8),
  /** 0 or 1 in a byte. */
  BOOL(8),
  /** One of a newer version of the format; tensors of it cannot be read, those beside it can. */
  UNKNOWN(0);

  private final int bits;

  TensorType(int bits) {
    this.bits = bits;
  }

  /** Bytes of one element; 1 for those of fewer than 8 bits, which are packed, or unknown. */
  public int width() {
    return Math.max(1, bits / Byte.SIZE);
  }

  /** Bits of one element; 0 if they are not known. */
  int bits() {
    return bits;
  }

  /** Whether {@link SafeTensors#floats} and {@link SafeTensors#doubles} can read it. */
  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  static TensorType of(String name) {
    for (TensorType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return UNKNOWN;
  }
}
