package org.vpns.internal.io;

/** Floating-point numbers of 16 bits, which Java has no type for. Every one of them is a float. */
public final class HalfFloats {
  private HalfFloats() {}

  /** IEEE 754 half precision: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      // zero or subnormal: a multiple of the smallest one, 2^-24
      return Math.copySign(fraction * 0x1p-24f, Float.intBitsToFloat(sign | 0x3f800000));
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  /** A bfloat16: the upper half of a float. */
  public static float bfloat(short upper) {
    return Float.intBitsToFloat(upper << 16);
  }
}
