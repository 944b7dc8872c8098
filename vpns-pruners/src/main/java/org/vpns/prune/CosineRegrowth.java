package org.vpns.prune;

import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.optim.StateVisitor;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;

/**
 * The mask of RigL and ITOP: every few steps the active weights nearest to zero are dropped and as
 * many grown, in each parameter,
 *
 * <pre>
 * k = floor(f(t) nnz),  f(t) = alpha / 2 (1 + cos(pi t / T_end)),  t = dT, 2 dT, ... &lt; T_end
 * </pre>
 *
 * t counted from 1, and k no more than were inactive.
 *
 * @param start the first mask
 * @param alpha first fraction dropped
 * @param every dT
 * @param until T_end as a fraction of the stage
 * @param growth which weights grow
 * @param grown with which weights grown ones begin
 * @param released whether a weight that is dropped and grown at once keeps value and moments
 */
record CosineRegrowth(
    MaskRule start,
    double alpha,
    long every,
    double until,
    Growth growth,
    GrownStart grown,
    boolean released)
    implements MovingMask {

  CosineRegrowth {
    require("alpha", alpha > 0 && alpha < 1, "0 < alpha < 1", alpha);
    require("every", every >= 1, "at least 1 step", every);
    require("until", until > 0 && until <= 1, "0 < fraction <= 1", until);
  }

  static void require(String option, boolean condition, String expected, Object found) {
    if (!condition) {
      throw Problem.argument(
          "option out of range", "moving mask, " + option, expected, found, "see its default");
    }
  }

  /** f(t). */
  static double fraction(double alpha, long t, long end) {
    return alpha / 2 * (1 + Math.cos(Math.PI * t / end));
  }

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    return start.begin(context, current);
  }

  @Override
  public String describe() {
    return start.describe()
        + ", moving every "
        + every
        + " steps until "
        + until
        + ", alpha "
        + alpha
        + ", "
        + growth.describe()
        + grown.describe()
        + (released ? ", released form" : "");
  }

  @Override
  public Movement movement(Span span, MaskSet first) {
    long end = (long) Math.floor(until * span.steps() + 1e-9);
    if (every >= end) {
      throw Problem.argument(
          "mask would never move",
          describe(),
          "an interval below " + end + ", where the movement ends",
          every,
          "move more often or train longer");
    }
    return new Course(this, end, new Explored(first));
  }

  /** Over one stage. */
  private record Course(CosineRegrowth rule, long end, Explored seen) implements Movement {
    /** Steps done when the mask moves; where the gradient is needed, the one under way included. */
    private long time(long step) {
      return rule.growth == Growth.GRADIENT ? step + 1 : step;
    }

    @Override
    public Moment at(long step) {
      long t = time(step);
      if (t <= 0 || t >= end || t % rule.every != 0) {
        return Moment.NEVER;
      }
      return rule.growth == Growth.GRADIENT ? Moment.INSTEAD_OF_UPDATE : Moment.BEFORE_STEP;
    }

    @Override
    public Change change(View view) {
      Layout layout = view.context().layout();
      MaskSet active = view.masks();
      int[] keep = Regrowth.counts(layout, active);
      int[] grow = new int[keep.length];
      double f = fraction(rule.alpha, time(view.step()), end);
      for (int i = 0; i < keep.length; i++) {
        int inactive = layout.size(i) - keep[i];
        grow[i] = Math.min(inactive, (int) Math.floor(f * keep[i] + 1e-9));
        keep[i] -= grow[i];
      }
      float[] magnitudes = Regrowth.magnitudes(view.weights());
      MaskSet kept = Regrowth.largest(layout, magnitudes, active, keep);
      MaskSet grown =
          rule.growth == Growth.GRADIENT
              ? Regrowth.largest(layout, Regrowth.magnitudes(view.gradient()), kept.not(), grow)
              : Regrowth.random(active.not(), grow, view::random);
      MaskSet masks = kept.or(grown);
      seen.add(masks);
      MaskSet fresh = rule.released ? masks.andNot(active) : grown;
      return rule.grown.change(masks, fresh, view);
    }

    @Override
    public @Nullable Double explored() {
      return seen.rate();
    }

    @Override
    public void visit(StateVisitor visitor) {
      seen.visit(visitor);
    }
  }
}
