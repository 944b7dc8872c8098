package org.vpns.train;

import org.vpns.Problem;

/**
 * How long a stage lasts: epochs, or iterations counted across epochs, or both one after the other.
 * An iteration makes one gradient step per pass.
 */
public final class Length {
  private final long epochs;
  private final long iterations;

  private Length(long epochs, long iterations) {
    this.epochs = epochs;
    this.iterations = iterations;
  }

  /** So many epochs, at least 1. */
  public static Length epochs(int count) {
    return new Length(positive("Length.epochs", count), 0);
  }

  /** So many iterations, at least 1. */
  public static Length iterations(long count) {
    return new Length(0, positive("Length.iterations", count));
  }

  private static long positive(String where, long count) {
    if (count < 1) {
      throw Problem.argument("stage without length", where, "at least 1", count, "train longer");
    }
    return count;
  }

  /** Iterations, given those of one epoch. */
  long iterationsOf(long perEpoch) {
    return Math.addExact(Math.multiplyExact(epochs, perEpoch), iterations);
  }

  /** Epochs begun, given the iterations of one. */
  int epochsOf(long perEpoch) {
    return Math.toIntExact(epochs + (iterations + perEpoch - 1) / perEpoch);
  }

  /** This length, then another. */
  public Length plus(Length other) {
    Problem.given(other, "Length.plus", "other");
    return new Length(
        Math.addExact(epochs, other.epochs), Math.addExact(iterations, other.iterations));
  }

  /** This length so many times over, at least once. */
  public Length times(int factor) {
    positive("Length.times", factor);
    return new Length(Math.multiplyExact(epochs, factor), Math.multiplyExact(iterations, factor));
  }

  @Override
  public String toString() {
    String both = epochs > 0 && iterations > 0 ? " and " : "";
    return (epochs > 0 ? epochs + " epochs" : "")
        + both
        + (iterations > 0 ? iterations + " iterations" : "");
  }
}
