package org.vpns.prune;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.internal.text.Texts;
import org.vpns.optim.StateVisitor;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;

/**
 * The mask of SET, RigL and ITOP: at its pace each parameter drops some of its n weights and grows
 * as many. If fewer were inactive than are to be dropped, the largest of the latter stay.
 *
 * @param start the first mask
 * @param pace when, and which fraction f of its weights a parameter drops
 * @param bySign drops the ceil(f n+) smallest positive weights, the ceil(f n-) negative ones
 *     closest to zero, and those at zero, as SET does; otherwise the floor(f n) of smallest
 *     magnitude
 * @param growth which weights grow
 * @param initialised grown weights begin at N(0, 2 / fan-in), as if their layer were initialised
 *     (He et al. 2015, "Delving deep into rectifiers"); otherwise at 0
 * @param released a weight that is dropped and grown at once keeps value and moments
 */
record Regrowth(
    MaskRule start, Pace pace, boolean bySign, Growth growth, boolean initialised, boolean released)
    implements MovingMask {

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    Problem.given(context, "MaskRule.begin", "context");
    Problem.given(current, "MaskRule.begin", "current");
    return start.begin(context, current);
  }

  @Override
  public String describe() {
    return Texts.own(start.describe(), start, "MaskRule")
        + ", moving "
        + pace
        + ", "
        + growth.describe()
        + (initialised ? ", grown weights initialised" : "")
        + (released ? ", released form" : "");
  }

  @Override
  public String toString() {
    return describe();
  }

  @Override
  public Movement movement(Span span, MaskSet first) {
    Problem.given(span, "MovingMask.movement", "span");
    Problem.given(first, "MovingMask.movement", "first");
    pace.requireFits(span, describe());
    return new Course(span, first);
  }

  /** Over one stage. */
  private final class Course implements Movement {
    private final Span span;
    private final Layout layout;

    /** Which weights were ever kept, a bit each. */
    private final long[][] ever;

    Course(Span span, MaskSet first) {
      this.span = span;
      layout = first.layout();
      ever = first.asMap().values().stream().map(Mask::words).toArray(long[][]::new);
    }

    /** Steps done when the mask moves; where the gradient is needed, the one under way included. */
    private long time(long step) {
      return growth == Growth.GRADIENT ? step + 1 : step;
    }

    @Override
    public Moment at(long step) {
      Moment moving = growth == Growth.GRADIENT ? Moment.INSTEAD_OF_UPDATE : Moment.BEFORE_STEP;
      return pace.moves(time(step), span) ? moving : Moment.NEVER;
    }

    @Override
    public Change change(View view) {
      Problem.given(view, "MovingMask.Movement.change", "view");
      double f = pace.at(time(view.step()), span);
      float[] weights = view.weights();
      float[] gradient = growth == Growth.GRADIENT ? view.gradient() : new float[0];
      Map<String, Mask> masks = new LinkedHashMap<>();
      Map<String, Mask> fresh = new LinkedHashMap<>();
      for (int i = 0; i < layout.tensors(); i++) {
        String path = layout.path(i);
        int from = layout.offset(i);
        int to = layout.offset(i + 1);
        Mask active = view.masks().get(path);
        Mask kept = keep(path, Arrays.copyOfRange(weights, from, to), active, f);
        int n = active.kept() - kept.kept();
        Mask grown =
            growth == Growth.GRADIENT
                ? Picks.largest(
                    path, Picks.magnitudes(Arrays.copyOfRange(gradient, from, to)), kept.not(), n)
                : Picks.random(active.not(), n, view.random(path));
        Mask mask = kept.or(grown);
        masks.put(path, mask);
        fresh.put(path, released ? mask.andNot(active) : grown);
        long[] seen = ever[i];
        Arrays.setAll(seen, word -> seen[word] | mask.word(word));
      }
      MaskSet anew = MaskSet.of(fresh);
      return new Change(
          MaskSet.of(masks), anew, initialised ? drawn(layout, anew, view::random) : null);
    }

    private Mask keep(String path, float[] weights, Mask active, double f) {
      float[] magnitudes = Picks.magnitudes(weights);
      int n = active.kept();
      Mask kept =
          bySign
              ? Picks.awayFromZero(path, weights, active, f)
              : Picks.largest(path, magnitudes, active, n - (int) Math.floor(f * n + 1e-9));
      Mask dropped = active.andNot(kept);
      int inactive = active.size() - n;
      return kept.or(
          Picks.largest(path, magnitudes, dropped, Math.max(0, dropped.kept() - inactive)));
    }

    /** The exploration rate R_s: it never falls, and is at least the density. */
    @Override
    public @Nullable Double explored() {
      long count = Arrays.stream(ever).flatMapToLong(Arrays::stream).map(Long::bitCount).sum();
      return (double) count / layout.size();
    }

    @Override
    public void visit(StateVisitor visitor) {
      Problem.given(visitor, "MovingMask.Movement.visit", "visitor");
      for (int i = 0; i < ever.length; i++) {
        visitor.counters(layout.path(i) + "/explored", ever[i]);
      }
    }
  }

  /**
   * Numbers of N(0, 2 / fan-in) where an entry is fresh, drawn in flat order from a stream per
   * parameter, elsewhere 0; null if none is fresh.
   */
  static float @Nullable [] drawn(
      Layout layout, MaskSet fresh, Function<String, RandomGenerator> streams) {
    if (fresh.kept() == 0) {
      return null;
    }
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = fresh.get(layout.path(i));
      RandomGenerator random = streams.apply("grown/" + layout.path(i));
      double deviation = Math.sqrt(2.0 / layout.fanIn(i));
      for (int j = 0; j < mask.size(); j++) {
        if (mask.isKept(j)) {
          values[layout.offset(i) + j] = (float) (deviation * random.nextGaussian());
        }
      }
    }
    return values;
  }
}
