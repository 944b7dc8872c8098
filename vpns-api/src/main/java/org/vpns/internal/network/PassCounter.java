package org.vpns.internal.network;

import org.vpns.report.Cost;

/**
 * Counts the passes of batches through a network that gradients take; a run keeps it in its
 * checkpoints, under the names of the fields. A gradient step is a forward and a backward pass, and
 * counts as one of each. Not for several threads.
 */
public final class PassCounter {
  private long forwards;
  private long backwards;
  private long doubleBackwards;
  private long images;

  /** A counter at zero. */
  public PassCounter() {}

  /** Counts a forward pass. */
  public void forward() {
    forwards++;
  }

  /**
   * Counts a backward pass; the forward pass that it goes back through is counted apart.
   *
   * @param batch images of the batch
   */
  public void backward(long batch) {
    backwards++;
    images += batch;
  }

  /** Counts a backward pass through a backward pass, which a second derivative takes. */
  public void doubleBackward() {
    doubleBackwards++;
  }

  /** Forward passes so far. */
  public long forwards() {
    return forwards;
  }

  /** Backward passes so far, double ones not among them. */
  public long backwards() {
    return backwards;
  }

  /** Double backward passes so far. */
  public long doubleBackwards() {
    return doubleBackwards;
  }

  /** Images of all backward passes so far; one that was shown twice counts twice. */
  public long images() {
    return images;
  }

  /** The passes so far, and a time. */
  public Cost cost(double seconds) {
    return new Cost(forwards, backwards, doubleBackwards, images, seconds);
  }
}
