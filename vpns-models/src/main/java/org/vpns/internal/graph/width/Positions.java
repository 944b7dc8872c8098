package org.vpns.internal.graph.width;

import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Indexing.Range;

/**
 * What the rules for operators say of positions at one node, whatever positions are: those that
 * stay of an axis, or the channels that an axis holds. An axis is an array of one number for each
 * of its positions, or null if it stays whole.
 */
public interface Positions {
  /** What an axis of a weight is to the node. */
  enum Role {
    /** Each position makes one of the node's results by itself. */
    OUT,
    /** The node sums over the positions. */
    IN,
    /** Each position makes results of one channel that the node reads. */
    THROUGH
  }

  /** What a range takes: the range as it is now, and the positions. */
  record Taken(Range range, int @Nullable [] positions) {}

  /** Both axes lose the same positions. */
  void same(String what, int @Nullable [] a, int @Nullable [] b);

  /** An axis loses nothing. */
  void whole(String expected, int @Nullable [] axis);

  /** Whether the node takes a mean or a variance for a norm, by which nothing else goes. */
  boolean measures();

  /** An axis whose mean and variance the node takes loses positions all the same. */
  default void measured(int @Nullable [] axis) {}

  /** What an axis of an input is, if that input is a weight. */
  default void role(int input, int @Nullable [] axis, Role role) {}

  /** Axes one after the other; a null is one that stays whole. */
  int @Nullable [] joined(int[] @Nullable [] parts, int[] lengths);

  /** An axis cut into pieces of these lengths. */
  int[] @Nullable [] pieces(int[] axis, int[] lengths);

  /**
   * Some positions of an axis.
   *
   * @param taken the positions that the range takes of the axis as it was
   */
  Taken taken(int[] axis, Range range, int[] taken);

  /** An axis from its end to its front. */
  int[] reversed(int[] axis, int length);

  /** Every position so many times, one after the other. */
  int @Nullable [] repeated(int @Nullable [] axis, int length, int times);

  /** A whole axis so many times, one after the other. */
  int @Nullable [] tiled(int @Nullable [] axis, int length, int times);

  /** Equal blocks of an axis lose equally much. */
  void blocks(int @Nullable [] axis, int length, int blocks);

  /**
   * The same entries, row-major, along other axes.
   *
   * @param from lengths of the axes as they were
   * @param axes what is known of them
   * @param to lengths of the new axes
   * @param first which axis of the node's output the first of these is
   * @param folded how many of the new axes, from the first, lie inside of the axis of the images
   *     and lose nothing
   */
  int[] @Nullable [] moved(int[] from, int[] @Nullable [] axes, int[] to, int first, int folded);

  /** An operator without a rule reads these axes. */
  void unknown(Operator operator, Iterable<Axes> inputs);
}
