package org.vpns.train;

/**
 * A mask that is known when the stage begins, and stays: given, or scored once. What methods of
 * one's own implement whose mask neither is learned nor moves.
 */
public non-sealed interface FixedMask extends MaskRule {}
