package org.vpns;

/**
 * Who spends the budget: turns scores into masks. Larger score first, then lower position
 * (parameter order, then flat index), so that the count is exact even when scores tie.
 */
public interface Allocation {
  /**
   * Selects the weights to keep.
   *
   * @throws IllegalArgumentException if a score is NaN (named), or the budget cannot be met
   */
  MaskSet allocate(Scores scores, Sparsity sparsity);

  /** Name and options, such as {@code global} or {@code per-layer(floor 1)}. */
  String describe();
}
