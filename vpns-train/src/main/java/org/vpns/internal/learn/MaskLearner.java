package org.vpns.internal.learn;

import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Scores;

/** Moves scores that select the mask. */
public interface MaskLearner extends Learner {
  /** The mask that the present scores select. */
  MaskSet masks();

  /** The mask that a stage leaves behind which has reached this one; default: this one. */
  default MaskSet settled(MaskSet reached) {
    return reached;
  }

  /** The present scores, signed, if each weight has one of its own; otherwise null. */
  @Nullable Scores scores();
}
