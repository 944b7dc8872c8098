package org.vpns.train;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import org.vpns.MaskSet;

/** How warnings name moments and masks. */
final class RunWords {
  private RunWords() {}

  static String stage(Stage stage) {
    return "stage '" + stage.name() + "'";
  }

  /** The beginning of a warning. */
  static String at(String moment, MaskSet masks) {
    return moment + " at " + kept(masks) + ": ";
  }

  /** Such as {@code sparsity 0.8998 (528 of 5272 weights kept)}. */
  static String kept(MaskSet masks) {
    return "sparsity "
        + sparsity(masks)
        + " ("
        + masks.kept()
        + " of "
        + masks.size()
        + " weights kept)";
  }

  /** Fraction removed, rounded to four decimals. */
  static String sparsity(MaskSet masks) {
    BigDecimal removed = BigDecimal.valueOf(masks.size() - masks.kept());
    BigDecimal rounded =
        removed.divide(BigDecimal.valueOf(masks.size()), 4, RoundingMode.HALF_EVEN);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /** Equal for equal masks. */
  static String digest(MaskSet masks) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    masks
        .asMap()
        .forEach(
            (path, mask) -> {
              hasher.putString(path, StandardCharsets.UTF_8);
              for (long word : mask.words()) {
                hasher.putLong(word);
              }
            });
    return hasher.hash().toString();
  }

  /** Equal for equal values; both zeros are alike. */
  static String digest(float[] values) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (float value : values) {
      hasher.putInt(Float.floatToIntBits(value + 0f));
    }
    return hasher.hash().toString();
  }
}
