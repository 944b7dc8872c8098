package org.vpns.internal.network;

import org.vpns.MaskSet;
import org.vpns.Scores;

/**
 * A selection by scores as a mask rule made it ({@link org.vpns.ScoringContext#select}), told to
 * the run, which looks whether it had an effect.
 *
 * @param scorer who scored
 * @param scores its scores
 * @param among what could stay
 * @param kept what stays
 * @param moment which of several selections, such as {@code round 3 of 5}; empty if there is one
 */
public record Choice(String scorer, Scores scores, MaskSet among, MaskSet kept, String moment) {

  /** Whether all candidates scored the same, so that their position alone decided. */
  public boolean isByPositionAlone() {
    return kept.kept() < among.kept() && scores.isLevel(among);
  }
}
