package org.vpns.internal.flow;

/** The gradient with respect to one weight tensor, row by row. */
interface WeightGradient {
  /**
   * Writes the gradient of one row, that is of all weights with one index in the first dimension.
   */
  void row(int row, double[] into);
}
