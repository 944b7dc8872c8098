package org.vpns.learn;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** Moves one kind of value along its gradient: weights, scores, or the prompt. */
public interface Learner {
  /** The arrays whose gradients this learner reads. */
  List<NDArray> trained();

  /** One update from the gradients of the last backward pass, which are zero afterwards. */
  void update(double rate);

  /**
   * An update with gradient zero: moments and decay go on. Gradients of a backward pass, if any,
   * are dropped.
   */
  void idle(double rate);

  /** Drops the gradients of a backward pass that this learner does not use. */
  void dropGradients();

  /** Shows all state that the next updates depend on. */
  void visit(StateVisitor visitor);
}
