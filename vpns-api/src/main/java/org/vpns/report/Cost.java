package org.vpns.report;

import org.vpns.Problem;

/**
 * What gradients cost: passes of batches through the network, and time. Counted is every pass that
 * a gradient goes through or needs, in training and for scores, a teacher's forward passes too. Not
 * counted are evaluation, validation, label mapping, and checks of the finished mask.
 *
 * @param forwards forward passes
 * @param backwards backward passes, each through one forward pass
 * @param doubleBackwards backward passes through a backward pass, for second derivatives; each
 *     costs about a gradient step more
 * @param images images of all backward passes; one that was shown twice counts twice
 * @param seconds wall time, around the passes too, such as updates or the choice of weights
 */
public record Cost(
    long forwards, long backwards, long doubleBackwards, long images, double seconds) {
  /** Nothing. */
  public static final Cost NONE = new Cost(0, 0, 0, 0, 0);

  /** Gradient steps: forward and backward passes of one batch, as many as {@link #backwards}. */
  public long gradientSteps() {
    return backwards;
  }

  /** Both together. */
  public Cost plus(Cost other) {
    Problem.given(other, "Cost.plus", "other");
    return new Cost(
        forwards + other.forwards,
        backwards + other.backwards,
        doubleBackwards + other.doubleBackwards,
        images + other.images,
        seconds + other.seconds);
  }

  /** Whether any pass was counted. */
  public boolean hasPasses() {
    return forwards + backwards + doubleBackwards > 0;
  }
}
