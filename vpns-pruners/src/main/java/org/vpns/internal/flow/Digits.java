package org.vpns.internal.flow;

/** Rounding to significant decimal digits. */
public final class Digits {
  private static final int DIGITS = 10;

  /** Powers of ten from 1e-{@value} to 1e{@value}; numbers beyond stay as they are. */
  private static final int RANGE = 290;

  private static final double[] POWERS = new double[2 * RANGE + 1];

  static {
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = Double.parseDouble("1e" + (i - RANGE));
    }
  }

  private Digits() {}

  private static double power(int exponent) {
    return POWERS[exponent + RANGE];
  }

  /** The number rounded to ten significant digits. */
  public static double ten(double value) {
    double size = Math.abs(value);
    if (!(size >= power(DIGITS - RANGE)) || size >= power(RANGE - DIGITS)) {
      return value;
    }
    // log10(2) = 0.30103 of the binary exponent is the decimal one, or one too small
    int exponent = (int) Math.floor(Math.getExponent(size) * 0.30103);
    if (size >= power(exponent + 1)) {
      exponent++;
    }
    int shift = DIGITS - 1 - exponent;
    return shift >= 0
        ? Math.rint(value * power(shift)) / power(shift)
        : Math.rint(value / power(-shift)) * power(-shift);
  }
}
