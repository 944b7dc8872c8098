package org.vpns.report;

import org.jspecify.annotations.Nullable;

/**
 * Top-1 accuracy on held-out images, in counts, so that nothing is rounded.
 *
 * @param images images evaluated
 * @param plain of these right without the prompt
 * @param prompted of these right with the prompt; null for a run without prompt
 */
public record Accuracy(int images, int plain, @Nullable Integer prompted) {
  /** Fraction right without the prompt, 0 to 1. */
  public double plainFraction() {
    return (double) plain / images;
  }

  /** Fraction right with the prompt, 0 to 1; without a prompt, the plain fraction. */
  public double promptedFraction() {
    return prompted == null ? plainFraction() : (double) prompted / images;
  }
}
