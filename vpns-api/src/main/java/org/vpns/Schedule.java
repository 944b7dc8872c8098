package org.vpns;

/**
 * How sparse the network is at each step of training. A step is one optimiser update, counted from
 * 0; {@code at(t)} holds during step t, so a mask is renewed before the step. The sparsity never
 * falls.
 */
public interface Schedule {
  /** The sparsity of a step; constant between pruning steps. */
  Sparsity at(long step);

  /** Whether the mask is to be renewed before this step. */
  boolean isPruningStep(long step);

  /** The last pruning step: from it on the sparsity is {@link #last()}. */
  long end();

  /** The sparsity reached. */
  Sparsity last();

  /** Shape and numbers, such as {@code cubic 0 to 0.9, 6 times every 2 steps from 0}. */
  String describe();

  /**
   * Checks that the schedule ends before training does.
   *
   * @param steps of the whole training
   * @throws IllegalArgumentException unless {@code end() < steps}
   */
  default void requireEndsWithin(long steps) {
    if (end() >= steps) {
      throw Problem.argument(
          "schedule longer than training",
          describe(),
          "its last pruning before step " + steps,
          "step " + end(),
          "prune less often or train longer");
    }
  }

  /**
   * Whether fewer than a tenth of all steps follow the last pruning: hardly any time to recover,
   * which is worth a warning.
   */
  default boolean leavesLittle(long steps) {
    return steps - end() < steps / 10.0;
  }
}
