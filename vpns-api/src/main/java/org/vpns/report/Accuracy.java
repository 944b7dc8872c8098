package org.vpns.report;

import com.google.common.primitives.Booleans;
import com.google.gson.annotations.JsonAdapter;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * Top-1 accuracy on held-out images, in counts, so that nothing is rounded.
 *
 * @param images images evaluated
 * @param plain of these right without the prompt
 * @param prompted of these right with the prompt; null for a run without prompt
 * @param hits which images are right, with the prompt where there is one: four images a hexadecimal
 *     digit, the first in its highest bit; null where it was not kept
 */
public record Accuracy(
    int images,
    int plain,
    @Nullable Integer prompted,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable String hits) {

  /** Counts alone. */
  public Accuracy(int images, int plain, @Nullable Integer prompted) {
    this(images, plain, prompted, null);
  }

  /**
   * Counts, and which images are right.
   *
   * @param plain of each image, whether it is right without the prompt
   * @param prompted the same with the prompt; null for a run without prompt
   */
  public static Accuracy of(boolean[] plain, boolean @Nullable [] prompted) {
    Problem.given(plain, "Accuracy.of", "plain");
    return new Accuracy(
        plain.length,
        Booleans.countTrue(plain),
        prompted == null ? null : Booleans.countTrue(prompted),
        hexadecimal(prompted == null ? plain : prompted));
  }

  /** Fraction right without the prompt, 0 to 1. */
  public double plainFraction() {
    return (double) plain / images;
  }

  /** Fraction right with the prompt, 0 to 1; without a prompt, the plain fraction. */
  public double promptedFraction() {
    return prompted == null ? plainFraction() : (double) prompted / images;
  }

  /**
   * Of each image, in the order of the data set, whether it is right with the prompt where there is
   * one; null where it was not kept.
   *
   * @throws IllegalStateException if the hits do not fit the counts
   */
  public boolean @Nullable [] right() {
    if (hits == null) {
      return null;
    }
    int expected = prompted == null ? plain : prompted;
    boolean[] right = new boolean[Math.min(images, 4 * hits.length())];
    for (int i = 0; i < right.length; i++) {
      right[i] = (Character.digit(hits.charAt(i / 4), 16) >> (3 - i % 4) & 1) == 1;
    }
    if (right.length != images
        || !hexadecimal(right).equals(hits)
        || Booleans.countTrue(right) != expected) {
      throw Problem.state(
          "hits do not fit the counts",
          "Accuracy.right",
          expected + " of " + images + " images right, as hexadecimal digits",
          Booleans.countTrue(right) + " in " + hits.length() + " digits",
          "leave the hits out, or run anew");
    }
    return right;
  }

  private static String hexadecimal(boolean[] right) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < right.length; i += 4) {
      int digit = 0;
      for (int bit = 0; bit < 4; bit++) {
        digit = 2 * digit + (i + bit < right.length && right[i + bit] ? 1 : 0);
      }
      digits.append(Character.forDigit(digit, 16));
    }
    return digits.toString();
  }
}
