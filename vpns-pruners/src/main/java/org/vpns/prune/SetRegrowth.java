package org.vpns.prune;

import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.optim.StateVisitor;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;

/**
 * The mask of SET: between epochs, in each parameter, the ceil(zeta n+) smallest positive and the
 * ceil(zeta n-) negative weights closest to zero are dropped, those at zero too, and as many grown
 * at random where there were none. If fewer were inactive than are to be dropped, the largest of
 * the latter stay.
 *
 * @param start the first mask
 * @param zeta fraction dropped
 * @param grown with which weights grown ones begin
 */
record SetRegrowth(MaskRule start, double zeta, GrownStart grown) implements MovingMask {
  SetRegrowth {
    CosineRegrowth.require("zeta", zeta > 0 && zeta < 1, "0 < zeta < 1", zeta);
  }

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    return start.begin(context, current);
  }

  @Override
  public String describe() {
    return start.describe()
        + ", moving every epoch, zeta "
        + zeta
        + ", growing at random"
        + grown.describe();
  }

  @Override
  public Movement movement(Span span, MaskSet first) {
    return new Course(this, span, new Explored(first));
  }

  /** Over one stage. */
  private record Course(SetRegrowth rule, Span span, Explored seen) implements Movement {
    @Override
    public Moment at(long step) {
      return step > 0 && step % span.stepsPerEpoch() == 0 ? Moment.BEFORE_STEP : Moment.NEVER;
    }

    @Override
    public Change change(View view) {
      Layout layout = view.context().layout();
      MaskSet active = view.masks();
      float[] weights = view.weights();
      MaskSet kept = Regrowth.awayFromZero(layout, weights, active, rule.zeta);
      int[] before = Regrowth.counts(layout, active);
      int[] grow = Regrowth.counts(layout, active.andNot(kept));
      int[] spared = new int[grow.length];
      for (int i = 0; i < grow.length; i++) {
        int inactive = layout.size(i) - before[i];
        spared[i] = Math.max(0, grow[i] - inactive);
        grow[i] -= spared[i];
      }
      MaskSet dropped = active.andNot(kept);
      kept = kept.or(Regrowth.largest(layout, Regrowth.magnitudes(weights), dropped, spared));
      MaskSet grown = Regrowth.random(active.not(), grow, view::random);
      MaskSet masks = kept.or(grown);
      seen.add(masks);
      return rule.grown.change(masks, grown, view);
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
