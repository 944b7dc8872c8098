package org.vpns.internal.curvature;

import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;

/** A way to multiply the loss's Hessian with a vector. */
public interface Curvature {
  /**
   * H v at the given weights, H over all prunable weights; the weights stay.
   *
   * @param context the network
   * @param loss the loss
   * @param weights where H is taken
   * @param vector v, not zero
   */
  double[][] times(ScoringContext context, ScoringLoss loss, float[][] weights, float[][] vector);

  /** For the record. */
  String describe();
}
