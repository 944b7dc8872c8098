package org.vpns.internal.runtime.kernel;

/**
 * What becomes of sums before they are stored: min(max(x, low), high).
 *
 * @param low lower limit; negative infinity for none
 * @param high upper limit; infinity for none
 */
public record Clamp(float low, float high) {
  /** As they are. */
  public static final Clamp NONE = new Clamp(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /** max(x, 0). */
  public static final Clamp RELU = new Clamp(0, Float.POSITIVE_INFINITY);

  /** This one, then another. */
  public Clamp then(Clamp next) {
    return new Clamp(next.of(low), next.of(high));
  }

  /** Of one number. */
  public float of(float x) {
    return Math.min(Math.max(x, low), high);
  }

  /** Whether it changes nothing. */
  public boolean isNone() {
    return equals(NONE);
  }
}
