package org.vpns.train;

import org.vpns.Problem;

/**
 * How long a stage lasts: epochs, or iterations counted across epochs. An iteration makes one
 * gradient step per pass.
 */
public final class Length {
  private final long count;
  private final boolean epochs;

  private Length(long count, boolean epochs) {
    this.count = count;
    this.epochs = epochs;
  }

  /** So many epochs, at least 1. */
  public static Length epochs(int count) {
    return new Length(positive("Length.epochs", count), true);
  }

  /** So many iterations, at least 1. */
  public static Length iterations(long count) {
    return new Length(positive("Length.iterations", count), false);
  }

  private static long positive(String where, long count) {
    if (count < 1) {
      throw Problem.argument("stage without length", where, "at least 1", count, "train longer");
    }
    return count;
  }

  /** Iterations, given those of one epoch. */
  long iterations(long perEpoch) {
    return epochs ? Math.multiplyExact(count, perEpoch) : count;
  }

  /** Epochs begun, given the iterations of one. */
  int epochs(long perEpoch) {
    return Math.toIntExact(epochs ? count : (count + perEpoch - 1) / perEpoch);
  }

  /** The length scaled by a factor, rounded, at least 1. */
  public Length times(double factor) {
    return new Length(Math.max(1, Math.round(count * factor)), epochs);
  }

  @Override
  public String toString() {
    return count + (epochs ? " epochs" : " iterations");
  }
}
