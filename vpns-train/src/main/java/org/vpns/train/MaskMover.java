package org.vpns.train;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.optim.StateVisitor;

/** Moves the mask of one stage. */
final class MaskMover {
  private final Run run;
  private final int stage;
  private final MovingMask.Movement movement;
  private final WeightLearner weights;
  private final long steps;

  MaskMover(Run run, int stage, MovingMask mask, MovingMask.Span span, WeightLearner weights) {
    this.run = run;
    this.stage = stage;
    this.weights = weights;
    steps = span.steps();
    movement = mask.movement(span, run.weights.masks());
  }

  /** Moves the mask if this is its moment. */
  boolean move(long step, MovingMask.Moment moment) {
    if (movement.at(step) != moment) {
      return false;
    }
    MaskSet before = run.weights.masks();
    MaskSet after = run.ledger.timeScoring(() -> change(step));
    run.effects.moved(before, after);
    String when = RunWords.stage(run.recipe.stages().get(stage)) + ", step " + step + ",";
    run.collapse.masked(when, after);
    if (isLast(step)) {
      run.collapse.settled(when);
    }
    return true;
  }

  private MaskSet change(long step) {
    MovingMask.Change change = movement.change(new Present(step));
    weights.change(change.masks(), change.fresh(), change.start());
    return change.masks();
  }

  /** When the mask moves at a step. */
  MovingMask.Moment at(long step) {
    return movement.at(step);
  }

  /** Each step is looked at once in a stage: from one movement to the next. */
  private boolean isLast(long step) {
    for (long later = step + 1; later < steps; later++) {
      if (movement.at(later) != MovingMask.Moment.NEVER) {
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
      return run.weights.masks();
    }

    @Override
    public ScoringContext context() {
      return run.scoringContext(run.recipe.stages().get(stage));
    }

    @Override
    public float[] weights() {
      return run.weights.theta().toArray();
    }

    @Override
    public float[] gradient() {
      return run.network.gradients();
    }

    @Override
    public RandomGenerator random(String name) {
      return run.seeds.stream("mask/" + stage + "/" + step + "/" + name);
    }
  }
}
