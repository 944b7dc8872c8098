package org.vpns.allocate;

import org.vpns.Layout;
import org.vpns.Sparsity;

/**
 * How dense each parameter is to be, decided from shapes alone. {@link Densities} makes the known
 * ones, {@link Allocations#layerwise} turns them into numbers of weights.
 */
public interface LayerDensities {
  /**
   * Fractions to keep, 0 to 1, in layout order, whose mean weighted by size is the density asked
   * for.
   *
   * @throws IllegalArgumentException if no such densities exist
   */
  double[] of(Layout layout, Sparsity sparsity);

  /** Name and options, such as {@code erk}. */
  String describe();
}
