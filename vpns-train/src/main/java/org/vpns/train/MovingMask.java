package org.vpns.train;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.optim.StateVisitor;

/**
 * A mask that changes while the weights under it train. It is asked before every step whether it
 * moves, and then how; what it decides may depend on the step, the weights, the gradient of all
 * weights, and random streams of the step.
 *
 * <p>A step is one update of the weights, counted from 0 in each stage. Off the mask weights and
 * their moments are zero at every step; entries that join begin at zero, or where the change says,
 * and with moments of zero.
 */
public non-sealed interface MovingMask extends MaskRule {
  /**
   * The movement over one stage.
   *
   * @param span how long the stage lasts
   * @param start the mask that {@link #begin} made
   * @throws IllegalArgumentException if the movement does not fit into the stage
   */
  Movement movement(Span span, MaskSet start);

  /**
   * Whether weights off the mask keep their value, unmoved, until they return; otherwise they are
   * zero for good.
   */
  default boolean remembersRemoved() {
    return false;
  }

  /**
   * How long a stage lasts.
   *
   * @param steps its steps
   * @param stepsPerEpoch steps of an epoch
   */
  record Span(long steps, long stepsPerEpoch) {}

  /** When the mask moves with respect to a step. */
  enum Moment {
    /** Not at all. */
    NEVER,
    /** Before the step's forward pass; then the weights are updated as ever. */
    BEFORE_STEP,
    /** After the step's backward pass, in place of the update of the weights. */
    INSTEAD_OF_UPDATE
  }

  /**
   * A change of the mask.
   *
   * @param masks the mask from now on
   * @param fresh of its entries those that begin anew, with moments of zero
   * @param start for those entries the weights that they begin with, in flat order; the other
   *     numbers mean nothing; null = all begin at zero
   */
  record Change(MaskSet masks, MaskSet fresh, float @Nullable [] start) {
    /** Masks and fresh entries are needed. */
    public Change(MaskSet masks, MaskSet fresh, float @Nullable [] start) {
      this.masks = Problem.given(masks, "new MovingMask.Change", "masks");
      this.fresh = Problem.given(fresh, "new MovingMask.Change", "fresh");
      this.start = start;
    }

    /** A change whose fresh entries begin at zero. */
    public Change(MaskSet masks, MaskSet fresh) {
      this(masks, fresh, null);
    }

    /** The change from one mask to another in which only entries that join begin anew. */
    public static Change between(MaskSet before, MaskSet after) {
      Problem.given(before, "MovingMask.Change.between", "before");
      Problem.given(after, "MovingMask.Change.between", "after");
      return new Change(after, after.andNot(before));
    }
  }

  /** What a movement may look at. */
  interface View {
    /** The step, from 0. */
    long step();

    /** The mask so far. */
    MaskSet masks();

    /** The weights as a scorer sees them. */
    ScoringContext context();

    /** The true weights in flat order; a copy. */
    float[] weights();

    /**
     * The loss's gradient at the masked weights, for all entries, in flat order; a copy. At {@link
     * Moment#INSTEAD_OF_UPDATE} only.
     */
    float[] gradient();

    /** A stream that depends on the run's seed, the stage, the step and the name alone. */
    RandomGenerator random(String name);
  }

  /** The movement of a mask over one stage; what state it has belongs to the run. */
  interface Movement {
    /** When the mask moves at a step; depends on the step alone, and may be asked ahead. */
    Moment at(long step);

    /** The change at a step that has one. */
    Change change(View view);

    /** Whether the mask is as sparse as it is to be once so many steps are done. */
    default boolean isSettled(long stepsDone) {
      return true;
    }

    /** Fraction of the prunable weights that were ever on the mask; null if it is not followed. */
    default @Nullable Double explored() {
      return null;
    }

    /** What the reader of the report should know from the start; null if nothing. */
    default @Nullable String warning() {
      return null;
    }

    /** Shows all state that later changes depend on. */
    default void visit(StateVisitor visitor) {}
  }
}
