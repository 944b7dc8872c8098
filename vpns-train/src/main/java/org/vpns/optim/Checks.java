package org.vpns.optim;

import org.vpns.Problem;

final class Checks {
  private Checks() {}

  static double fraction(String where, double value) {
    if (!(value >= 0 && value < 1)) {
      throw Problem.argument("option out of range", where, "0 <= value < 1", value, "correct it");
    }
    return value;
  }

  static double positiveFloat(String where, double value) {
    if (!((float) value > 0 && (float) value < Float.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "option out of range", where, "a finite float above 0", value, "correct it");
    }
    return value;
  }

  static double notNegative(String where, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "option out of range", where, "a finite value of at least 0", value, "correct it");
    }
    return value;
  }
}
