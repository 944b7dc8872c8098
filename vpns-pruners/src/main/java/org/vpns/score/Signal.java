package org.vpns.score;

import org.vpns.MaskSet;
import org.vpns.Scores;

/** Whether scores that are all zero are an error. */
final class Signal {
  private Signal() {}

  /**
   * Refuses zeros of a whole network, which is dead or shown wrong images. Under a mask they may
   * come of the mask: what a collapse means for the run is the recipe's to say.
   */
  static Scores require(Scores scores, MaskSet masks, String scorer) {
    return masks.kept() == masks.size() ? scores.requireSignal(scorer) : scores;
  }
}
