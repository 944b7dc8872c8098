package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.vpns.internal.network.Values;

/** Moves one kind of value along its gradient: weights, scores, or the prompt. */
public interface Learner {
  /** The arrays whose gradients this learner reads. */
  List<NDArray> trained();

  /**
   * One update; the gradients of the last backward pass are zero afterwards.
   *
   * @param idle whether the gradients count as zero: moments and decay go on
   */
  void step(double rate, boolean idle);

  /** One update from the gradients of the last backward pass. */
  default void update(double rate) {
    step(rate, false);
  }

  /** An update with gradient zero. */
  default void idle(double rate) {
    step(rate, true);
  }

  /** Drops the gradients of a backward pass that this learner does not use. */
  default void dropGradients() {
    trained().forEach(Values::zeroGradient);
  }

  /** Shows all state that the next updates depend on. */
  void visit(LearnerVisitor visitor);
}
