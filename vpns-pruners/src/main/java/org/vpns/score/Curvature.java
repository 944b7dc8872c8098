package org.vpns.score;

/** A way to multiply the loss's Hessian with a vector. */
interface Curvature {
  /**
   * H v at the given weights, H over all prunable weights; the weights stay.
   *
   * @param loss the loss
   * @param weights where H is taken
   * @param vector v, not zero
   */
  double[][] times(MeanLoss loss, float[][] weights, float[][] vector);

  /** For the record. */
  String describe();
}
