package org.vpns.internal.run;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.vpns.MaskSet;

/** How warnings name moments and masks. */
public final class RunWords {
  private RunWords() {}

  /** The beginning of a warning. */
  public static String at(String moment, MaskSet masks) {
    return moment + " at " + kept(masks) + ": ";
  }

  /** Such as {@code sparsity 0.8998 (528 of 5272 weights kept)}. */
  public static String kept(MaskSet masks) {
    return "sparsity "
        + sparsity(masks)
        + " ("
        + masks.kept()
        + " of "
        + masks.size()
        + " weights kept)";
  }

  /** Fraction removed, rounded to four decimals. */
  public static String sparsity(MaskSet masks) {
    BigDecimal removed = BigDecimal.valueOf(masks.size() - masks.kept());
    BigDecimal rounded =
        removed.divide(BigDecimal.valueOf(masks.size()), 4, RoundingMode.HALF_EVEN);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }
}
