package org.vpns.score;

import org.vpns.Problem;

/** Checks that scores say anything. */
final class Signal {
  private Signal() {}

  /**
   * Checks that not all are zero.
   *
   * @throws IllegalStateException if they are
   */
  static void require(String scorer, double[] scores) {
    for (double score : scores) {
      if (score != 0) {
        return;
      }
    }
    throw Problem.state(
        "no gradient signal",
        scorer,
        "a score other than 0",
        scores.length + " zeros",
        "check that the images are labelled rightly and that the network is not dead; the model is"
            + " as it was");
  }
}
