package org.vpns.train;

/**
 * A mask that is known when the stage begins, and stays: given, or scored once. What methods of
 * one's own implement whose mask neither is learned nor moves.
 */
public non-sealed interface FixedMask extends MaskRule {
  /**
   * Whether it keeps as many weights as the recipe's sparsity leaves, to which a run holds the last
   * mask: more of them fail the run before it trains, fewer are told. Default true; not so for a
   * mask whose number is drawn.
   */
  default boolean isExact() {
    return true;
  }
}
