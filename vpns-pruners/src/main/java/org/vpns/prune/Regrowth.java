package org.vpns.prune;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.optim.StateVisitor;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;

/**
 * The mask of SET, RigL and ITOP: at its pace each parameter drops some of its weights and grows as
 * many. If fewer were inactive than are to be dropped, the largest of the latter stay.
 *
 * @param start the first mask
 * @param pace when, and which fraction f of its weights a parameter drops
 * @param bySign drops the ceil(f n+) smallest positive and the ceil(f n-) negative weights closest
 *     to zero, those at zero too, as SET does; otherwise the floor(f n) of smallest magnitude
 * @param growth which weights grow
 * @param initialised grown weights begin at random values of N(0, 2 / fan-in), as if their layer
 *     were initialised (He et al. 2015, "Delving deep into rectifiers"); otherwise at 0
 * @param released a weight that is dropped and grown at once keeps value and moments
 */
record Regrowth(
    MaskRule start,
    Pace pace,
    boolean bySign,
    Growth growth,
    boolean initialised,
    boolean released)
    implements MovingMask {

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    return start.begin(context, current);
  }

  @Override
  public String describe() {
    return start.describe()
        + ", moving "
        + pace
        + ", "
        + growth.describe()
        + (initialised ? ", grown weights initialised" : "")
        + (released ? ", released form" : "");
  }

  @Override
  public Movement movement(Span span, MaskSet first) {
    pace.requireMovesWithin(span, describe());
    return new Course(span, first);
  }

  /** Over one stage. */
  private final class Course implements Movement {
    private final Span span;
    private final long size;

    /** Which weights were ever kept, a bit each. */
    private final Map<String, long[]> ever = new LinkedHashMap<>();

    Course(Span span, MaskSet first) {
      this.span = span;
      size = first.size();
      first.asMap().forEach((path, mask) -> ever.put(path, mask.words()));
    }

    /** Steps done when the mask moves; where the gradient is needed, the one under way included. */
    private long time(long step) {
      return growth == Growth.GRADIENT ? step + 1 : step;
    }

    @Override
    public Moment at(long step) {
      if (!pace.moves(time(step), span)) {
        return Moment.NEVER;
      }
      return growth == Growth.GRADIENT ? Moment.INSTEAD_OF_UPDATE : Moment.BEFORE_STEP;
    }

    @Override
    public Change change(View view) {
      MaskSet active = view.masks();
      Layout layout = active.layout();
      double f = pace.fraction(time(view.step()), span);
      float[] weights = view.weights();
      float[] magnitudes = PerParameter.magnitudes(weights);
      MaskSet chosen =
          bySign
              ? PerParameter.awayFromZero(layout, weights, active, f)
              : PerParameter.largest(
                  magnitudes, active, (i, n) -> n - (int) Math.floor(f * n + 1e-9));
      MaskSet dropped = active.andNot(chosen);
      MaskSet inactive = active.not();
      int[] room = PerParameter.counts(inactive);
      MaskSet kept =
          chosen.or(
              PerParameter.largest(magnitudes, dropped, (i, n) -> Math.max(0, n - room[i])));
      int[] grow = PerParameter.counts(active.andNot(kept));
      MaskSet grown =
          growth == Growth.GRADIENT
              ? PerParameter.largest(
                  PerParameter.magnitudes(view.gradient()), kept.not(), (i, n) -> grow[i])
              : PerParameter.random(inactive, grow, view::random);
      MaskSet masks = kept.or(grown);
      see(masks);
      MaskSet fresh = released ? masks.andNot(active) : grown;
      return new Change(
          masks, fresh, initialised ? PerParameter.drawn(layout, fresh, view::random) : null);
    }

    private void see(MaskSet masks) {
      ever.forEach(
          (path, words) -> Arrays.setAll(words, i -> words[i] | masks.get(path).word(i)));
    }

    /** The exploration rate R_s: it never falls, and is at least the density. */
    @Override
    public @Nullable Double explored() {
      long count = ever.values().stream().flatMapToLong(Arrays::stream).map(Long::bitCount).sum();
      return (double) count / size;
    }

    @Override
    public void visit(StateVisitor visitor) {
      ever.forEach((path, words) -> visitor.counters(path + "/explored", words));
    }
  }
}
