package org.vpns.structured.plan;

import ai.djl.ndarray.NDManager;
import com.google.common.primitives.Doubles;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.network.Engines;
import org.vpns.latency.Latency;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;

/**
 * Plans that make a network as fast as asked for, measured:
 *
 * <pre>{@code
 * Latency latency = Latency.of(OnnxRuntime.standard());
 * LatencySearch search = LatencySearch.of(latency, network, groups);
 * LatencySearch.Found found = search.plan(selection, scores, 5.0);
 * }</pre>
 *
 * <p>Layers are timed once ({@link LayerTimes}); a plan under their forecast is applied and the
 * whole smaller network timed. While it takes too long, the bound for the forecast goes down, and
 * while it is a twentieth or more below what was asked for, up again, to where the times measured
 * so far let expect what was asked for: so the plan is the largest that was found in {@value
 * #TRIES} tries.
 *
 * <p>The whole network is timed three times, of which the median counts; so is each smaller one,
 * every time in turn with the whole, and what it takes is its share of that times the median. One
 * disturbed measurement changes nothing, nor does a machine that becomes slower for both.
 */
public final class LatencySearch {
  private static final int TRIES = 8;

  /** How many plans are tried by forecasts before the smallest one, if all take too long. */
  private static final int LINES = 2;

  /** Of the times asked for: where the next plan aims, a little below, as measurements differ. */
  private static final double AIM = 0.98;

  /** Of the times asked for: what is near enough. */
  private static final double NEAR = 0.95;

  private final Function<List<NetworkValues>, double[]> watch;
  private final String how;
  private final NetworkValues network;
  private final LayerTimes times;

  /**
   * A plan and what was measured.
   *
   * @param plan the plan
   * @param before milliseconds of the whole network, the median of three measurements
   * @param after milliseconds of the smaller one: the median of three measurements, each in turn
   *     with the whole network and for one that takes as long as {@code before}
   * @param tries how many plans were timed
   */
  public record Found(ChannelPlan plan, double before, double after, int tries) {
    /** No part may be null. */
    public Found {
      Problem.given(plan, "new LatencySearch.Found", "plan");
    }
  }

  /** A plan, what the layers' times say of its network, and what was measured. */
  private record Timed(ChannelPlan plan, double forecast, double milliseconds) {}

  /**
   * With times from elsewhere.
   *
   * @param watch milliseconds of networks, timed in turn
   * @param how they are measured, for messages
   */
  LatencySearch(
      Function<List<NetworkValues>, double[]> watch,
      String how,
      NetworkValues network,
      ChannelGroups groups) {
    this.watch = watch;
    this.how = how;
    this.network = network;
    LayerTimes measured = LayerTimes.measure(watch, network, groups);
    List<NetworkValues> alone = List.of(network);
    times =
        measured.scaledTo(median(measured.whole(), watch.apply(alone)[0], watch.apply(alone)[0]));
  }

  /**
   * Measures a network and its layers.
   *
   * @throws IllegalArgumentException as {@link LayerTimes#measure}
   */
  public static LatencySearch of(Latency latency, NetworkValues network, ChannelGroups groups) {
    Problem.given(latency, "LatencySearch.of", "latency");
    Problem.given(network, "LatencySearch.of", "network");
    Problem.given(groups, "LatencySearch.of", "groups");
    return new LatencySearch(latency::milliseconds, latency.toString(), network, groups);
  }

  private static double median(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private Timed time(ChannelPlan plan) {
    try (NDManager scope = Engines.newManager("latency")) {
      NetworkValues smaller = plan.apply(network, scope);
      double milliseconds = median(beside(smaller), beside(smaller), beside(smaller));
      return new Timed(plan, times.of(smaller.graph()), milliseconds);
    }
  }

  private double forecast(ChannelPlan plan) {
    try (NDManager scope = Engines.newManager("latency")) {
      return times.of(plan.apply(network, scope).graph());
    }
  }

  /** Milliseconds of a smaller network, if the whole one takes what it is known to take. */
  private double beside(NetworkValues smaller) {
    double[] both = watch.apply(List.of(network, smaller));
    return both[1] * (times.whole() / both[0]);
  }

  /** The forecast at which a network would take so long, on the line through two others. */
  private static double onTheLine(Timed slow, Timed other, double milliseconds) {
    double over = slow.milliseconds - milliseconds;
    double step = (other.forecast - slow.forecast) / (other.milliseconds - slow.milliseconds);
    double forecast = slow.forecast - over * step;
    // no line to go by, or one that ends too early: at least as much less as it takes too long
    boolean usable = forecast > 0 && forecast < slow.forecast;
    return usable ? forecast : slow.forecast * milliseconds / slow.milliseconds;
  }

  /** The measured times. */
  public LayerTimes times() {
    return times;
  }

  /**
   * A plan under which the network takes at most so many milliseconds.
   *
   * @param selection its budget is not looked at
   * @throws IllegalArgumentException if that is out of reach, with the least that was measured; the
   *     smallest network that the selection allows was then measured, too
   */
  public Found plan(ChannelSelection selection, ChannelScores scores, double milliseconds) {
    Problem.given(selection, "LatencySearch.plan", "selection");
    Problem.given(scores, "LatencySearch.plan", "scores");
    if (!(milliseconds > 0)) {
      throw Problem.argument(
          "time out of range", "LatencySearch.plan", "above 0 ms", milliseconds, "pass a time");
    }
    Sizes sizes = new Sizes(selection, scores);
    double top = times.of(network.graph());
    Timed whole = new Timed(sizes.under(top), top, times.whole());
    Timed slow = whole; // the smallest that took too long
    Timed fast = null; // the largest that did not
    double least = Double.MAX_VALUE;
    ChannelPlan plan = sizes.under(milliseconds);
    int tries = 0;
    while (plan != null && tries < TRIES) {
      tries++;
      Timed timed = time(plan);
      least = Math.min(least, timed.milliseconds);
      if (timed.milliseconds > milliseconds) {
        slow = timed;
      } else {
        fast = timed;
        if (timed.milliseconds >= NEAR * milliseconds) {
          break;
        }
      }
      double line = onTheLine(slow, fast == null ? whole : fast, AIM * milliseconds);
      double middle = ((fast == null ? 0 : fast.forecast) + slow.forecast) / 2;
      // by turns once there are two sides: on a line alone, one of them may creep; where none was
      // fast enough, whether any can be is soon to be known
      boolean halve = fast != null && tries % 2 == 0;
      plan =
          fast == null && tries >= LINES
              ? sizes.differing(null, slow, 0)
              : sizes.differing(fast, slow, halve ? middle : line, halve ? line : middle);
    }
    if (fast == null) {
      throw outOfReach(scores.groups(), milliseconds, least, tries);
    }
    // the plan was made under a bound for the forecast, which nobody has asked for
    ChannelPlan told =
        fast.plan.told(
            CostLimit.asked(milliseconds, times.whole(), times.name()),
            CostLimit.text(fast.milliseconds));
    return new Found(told, times.whole(), fast.milliseconds, tries);
  }

  private IllegalArgumentException outOfReach(
      ChannelGroups groups, double milliseconds, double least, int tries) {
    return Problem.argument(
        "latency out of reach",
        "LatencySearch.plan, " + how,
        "at most " + milliseconds + " ms",
        String.format(
            Locale.ROOT,
            "nearest %.3f ms of %d %s (%s)",
            least,
            tries,
            tries == 1 ? "plan that was timed" : "plans that were timed",
            Descent.whyNoLess(groups)),
        Descent.remedy(groups) + "; or time on a machine with nothing else to do");
  }

  /** The plans of a selection, which nest: by what the layers' times say of their networks. */
  private final class Sizes {
    private final ChannelSelection selection;
    private final ChannelScores scores;

    /** Without all that may leave, also where the layers' times know no gain of it. */
    private final ChannelPlan smallest;

    /** The least that the layers' times know. */
    private final double floor;

    Sizes(ChannelSelection selection, ChannelScores scores) {
      this.selection = selection;
      this.scores = scores;
      smallest = selection.budget(new LeastCost(NetworkCost.parameters())).plan(scores);
      floor = forecast(selection.budget(new LeastCost(times)).plan(scores));
    }

    /** The largest under a bound, or the smallest if none is. */
    ChannelPlan under(double bound) {
      return bound > floor
          ? selection.budget(ChannelBudget.atMost(times, bound)).plan(scores)
          : smallest;
    }

    /**
     * The plan of a network between two, by the first of the bounds that has one, or the next
     * smaller one than the slow; null if there is none.
     */
    @Nullable ChannelPlan differing(@Nullable Timed fast, Timed slow, double... bounds) {
      if (fast != null && fast.forecast >= slow.forecast) {
        return null; // the whole network is fast enough
      }
      for (double bound : Doubles.concat(bounds, new double[] {Math.nextDown(slow.forecast)})) {
        ChannelPlan plan = under(bound);
        // plans nest, so one of the same size is the same
        if (!isOf(slow, plan) && (fast == null || !isOf(fast, plan))) {
          return plan;
        }
      }
      return null;
    }

    private boolean isOf(Timed timed, ChannelPlan plan) {
      return plan.after().equals(timed.plan.after());
    }
  }
}
