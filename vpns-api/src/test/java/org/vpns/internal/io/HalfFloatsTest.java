package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HalfFloatsTest {
  /** By the definition: (-1)^s 2^(e - 15) (1 + f / 1024), or 2^-14 f / 1024 where e is 0. */
  @Test
  void toFloat_ofEveryHalf_isItsValue() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float found = HalfFloats.toFloat((short) bits);
      double sign = bits >> 15 == 0 ? 1 : -1;
      int exponent = bits >> 10 & 31;
      double fraction = (bits & 1023) / 1024.0;
      if (exponent == 31 && fraction != 0) {
        assertThat(found).isNaN();
        continue;
      }
      double value =
          exponent == 31
              ? sign * Double.POSITIVE_INFINITY
              : exponent == 0
                  ? sign * Math.scalb(fraction, -14)
                  : sign * Math.scalb(1 + fraction, exponent - 15);
      // compared as bits: -0.0 is not 0.0
      assertThat(Float.floatToRawIntBits(found))
          .as("bits %x", bits)
          .isEqualTo(Float.floatToRawIntBits((float) value));
    }
  }

  @Test
  void bfloat_ofEveryUpperHalf_isTheFloatWithZerosBelow() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertThat(Float.floatToRawIntBits(HalfFloats.bfloat((short) bits)))
          .isEqualTo(Float.floatToRawIntBits(Float.intBitsToFloat(bits << 16)));
    }
    assertThat(HalfFloats.bfloat((short) 0xc040)).isEqualTo(-3);
  }
}
