package org.vpns.prune;

import org.jspecify.annotations.Nullable;
import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.internal.text.Texts;
import org.vpns.schedule.Schedules;
import org.vpns.train.MovingMask;

/**
 * A mask that a schedule makes ever sparser, before the steps that it names.
 *
 * @param scorer says which weights go
 * @param allocation spends the budget
 * @param schedule how sparse at which step; null = {@link #usual}
 * @param sparsity reached at the end
 * @param returning whether removed weights keep their value and may return
 */
record GradualMask(
    Scorer scorer,
    Allocation allocation,
    @Nullable Schedule schedule,
    Sparsity sparsity,
    boolean returning)
    implements MovingMask {
  private static final int PRUNINGS = 100;

  GradualMask {
    if (schedule != null) {
      Sparsity last =
          Problem.given(schedule.last(), schedule.describe(), "what Schedule.last gives");
      if (last.compareTo(sparsity) != 0) {
        throw Problem.argument(
            "schedule reaches another sparsity",
            schedule.describe(),
            sparsity,
            last,
            "let it end at the sparsity of the recipe");
      }
    }
  }

  /** Cubic, about 100 times in the first three quarters of the steps. */
  static Schedule usual(Sparsity sparsity, long steps) {
    long window = steps * 3 / 4;
    long every = Math.max(1, Math.round((double) window / PRUNINGS));
    int times = Math.toIntExact(window / every);
    return times == 0 ? Schedules.oneShot(sparsity) : Schedules.cubic(sparsity, times, every);
  }

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    Problem.given(context, "MaskRule.begin", "context");
    Problem.given(current, "MaskRule.begin", "current");
    return current;
  }

  @Override
  public boolean remembersRemoved() {
    return returning;
  }

  @Override
  public String describe() {
    return Texts.own(scorer.describe(), scorer, "Scorer")
        + ", "
        + Texts.own(allocation.describe(), allocation, "Allocation")
        + ", "
        + (schedule == null
            ? "cubic to " + sparsity + " over three quarters"
            : Texts.own(schedule.describe(), schedule, "Schedule"))
        + (returning ? ", removed weights may return" : "");
  }

  @Override
  public String toString() {
    return describe();
  }

  @Override
  public Movement movement(Span span, MaskSet first) {
    Problem.given(span, "MovingMask.movement", "span");
    Problem.given(first, "MovingMask.movement", "first");
    Schedule own = schedule == null ? usual(sparsity, span.steps()) : schedule;
    own.requireEndsWithin(span.steps());
    requireRising(own);
    return new Course(this, own, span.steps());
  }

  /** Schedules may be other authors'. */
  private void requireRising(Schedule own) {
    Sparsity before = Sparsity.DENSE;
    for (long step = 0; step <= own.end(); step++) {
      if (own.isPruningStep(step)) {
        Sparsity now =
            Problem.given(
                own.at(step), own.describe() + ", step " + step, "what Schedule.at gives");
        if (now.compareTo(before) < 0) {
          throw Problem.argument(
              "schedule goes backwards",
              own.describe() + ", step " + step,
              "a sparsity of at least " + before,
              now,
              "let it rise: removed weights do not return");
        }
        before = now;
      }
    }
    if (before.compareTo(sparsity) != 0) {
      throw Problem.argument(
          "schedule reaches another sparsity",
          own.describe() + ", step " + own.end(),
          sparsity,
          before,
          "let it end at the sparsity of the recipe");
    }
  }

  /** Over one stage. */
  private record Course(GradualMask rule, Schedule schedule, long steps) implements Movement {
    @Override
    public Moment at(long step) {
      return schedule.isPruningStep(step) ? Moment.BEFORE_STEP : Moment.NEVER;
    }

    @Override
    public Change change(View view) {
      Problem.given(view, "MovingMask.Movement.change", "view");
      ScoringContext context = view.context();
      MaskSet all = MaskSet.ones(context.layout());
      Scores scores =
          rule.returning
              ? Scores.of(context.layout(), Picks.magnitudes(view.weights()))
              : Problem.given(
                  rule.scorer.score(context), rule.scorer.describe(), "what Scorer.score gives");
      MaskSet among = rule.returning ? all : view.masks();
      Sparsity now = schedule.at(view.step());
      MaskSet masks = context.select(rule.scorer, scores, among, rule.allocation, now, "");
      return new Change(masks, MaskSet.zeros(context.layout()));
    }

    @Override
    public boolean isSettled(long stepsDone) {
      return stepsDone > schedule.end();
    }

    @Override
    public @Nullable String warning() {
      return schedule.leavesLittle(steps)
          ? "fewer than a tenth of the steps follow the last pruning: " + schedule.describe()
          : null;
    }
  }
}
