package org.vpns.score;

/** Rounding to significant decimal digits. */
final class Digits {
  /** Beyond this the scale factor would overflow; such numbers stay as they are. */
  private static final double SMALLEST = 1e-290;

  private static final int DIGITS = 10;

  private Digits() {}

  /** The number rounded to ten significant digits. */
  static double ten(double value) {
    double size = Math.abs(value);
    if (!(size > SMALLEST) || size == Double.POSITIVE_INFINITY) {
      return value;
    }
    // an exponent that is off by one at a power of ten keeps nine or eleven digits: always the
    // same for equal numbers, which is what counts
    int exponent = (int) Math.floor(Math.log10(size));
    int shift = DIGITS - 1 - exponent;
    double scale = Math.pow(10, Math.abs(shift));
    return shift >= 0 ? Math.rint(value * scale) / scale : Math.rint(value / scale) * scale;
  }
}
