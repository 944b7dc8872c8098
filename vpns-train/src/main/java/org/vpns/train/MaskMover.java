package org.vpns.train;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.Seeds;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.internal.run.LiveState;
import org.vpns.optim.StateVisitor;

/** Moves the mask of one stage. */
final class MaskMover {
  private final MovingMask.Movement movement;
  private final long steps;
  private final WeightLearner learner;
  private final LiveState live;
  private final Supplier<ScoringContext> context;
  private final Seeds seeds;
  private final String stream;
  private final String where;

  /**
   * Of a stage.
   *
   * @param span how long it lasts
   * @param learner of the weights under the mask
   * @param context what scorers may look at, now
   * @param stream prefix of its random streams
   */
  MaskMover(
      MovingMask mask,
      MovingMask.Span span,
      WeightLearner learner,
      LiveState live,
      Supplier<ScoringContext> context,
      Seeds seeds,
      String stream) {
    this.learner = learner;
    this.live = live;
    this.context = context;
    this.seeds = seeds;
    this.stream = stream;
    steps = span.steps();
    movement =
        Problem.given(
            mask.movement(span, live.masks()), mask.describe(), "what MovingMask.movement gives");
    where = mask.describe();
  }

  /** When the mask moves at a step. */
  MovingMask.Moment at(long step) {
    return Problem.given(
        movement.at(step), where + ", step " + step, "what MovingMask.Movement.at gives");
  }

  /** Moves the mask at a step that has a moment for it, and gives the one from now on. */
  MaskSet move(long step) {
    MovingMask.Change change =
        Problem.given(
            movement.change(new Present(step)),
            where + ", step " + step,
            "what MovingMask.Movement.change gives");
    learner.change(change.masks(), change.fresh(), change.start());
    return change.masks();
  }

  /** Each step is looked at once in a stage: from one movement to the next. */
  boolean isLast(long step) {
    for (long later = step + 1; later < steps; later++) {
      if (at(later) != MovingMask.Moment.NEVER) {
        return false;
      }
    }
    return true;
  }

  boolean isSettled(long stepsDone) {
    return movement.isSettled(stepsDone);
  }

  @Nullable String warning() {
    return movement.warning();
  }

  @Nullable Double explored() {
    return movement.explored();
  }

  void visit(StateVisitor visitor) {
    movement.visit(visitor);
  }

  /** The run as it is now. */
  private final class Present implements MovingMask.View {
    private final long step;

    Present(long step) {
      this.step = step;
    }

    @Override
    public long step() {
      return step;
    }

    @Override
    public MaskSet masks() {
      return live.masks();
    }

    @Override
    public ScoringContext context() {
      return context.get();
    }

    @Override
    public float[] weights() {
      return live.weights().theta().toArray();
    }

    @Override
    public float[] gradient() {
      return live.network().gradients();
    }

    @Override
    public RandomGenerator random(String name) {
      Problem.given(name, "MovingMask.View.random", "name");
      return seeds.stream(stream + "/" + step + "/" + name);
    }
  }
}
