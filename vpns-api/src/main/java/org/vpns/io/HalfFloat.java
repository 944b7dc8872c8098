package org.vpns.io;

/** The 16-bit floats of weight files. */
public final class HalfFloat {
  private HalfFloat() {}

  /** A half of IEEE 754: 5 bits of exponent, 10 of fraction. Exact, as every half is a float. */
  public static float fromHalf(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      return Math.copySign(fraction * 0x1p-24f, Float.intBitsToFloat(sign | 0x3f800000));
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  /** A bfloat16: the upper half of a float. Exact. */
  public static float fromBfloat16(short upper) {
    return Float.intBitsToFloat(upper << 16);
  }
}
