package org.vpns.structured.plan;

import ai.djl.ndarray.NDManager;
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

  private ChannelPlan forecast(ChannelSelection selection, ChannelScores scores, double bound) {
    return selection.budget(ChannelBudget.atMost(times, bound)).plan(scores);
  }

  /** Of a selection that made a plan before: null where the forecast goes no lower. */
  private @Nullable ChannelPlan forecastIfInReach(
      ChannelSelection selection, ChannelScores scores, double bound) {
    try {
      return forecast(selection, scores, bound);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private Timed time(ChannelPlan plan) {
    try (NDManager scope = Engines.newManager("latency")) {
      NetworkValues smaller = plan.apply(network, scope);
      double milliseconds = median(beside(smaller), beside(smaller), beside(smaller));
      return new Timed(plan, times.of(smaller.graph()), milliseconds);
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
   * @throws IllegalArgumentException if that is out of reach: of the forecast, with the least that
   *     it knows, or of the whole network, with the least that was measured
   */
  public Found plan(ChannelSelection selection, ChannelScores scores, double milliseconds) {
    Problem.given(selection, "LatencySearch.plan", "selection");
    Problem.given(scores, "LatencySearch.plan", "scores");
    double top = times.of(network.graph());
    Timed whole = new Timed(forecast(selection, scores, top), top, times.whole());
    Timed slow = whole; // the smallest that took too long
    Timed fast = null; // the largest that did not
    double least = Double.MAX_VALUE;
    ChannelPlan plan = forecast(selection, scores, milliseconds);
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
      // by turns once there are two sides: on a line alone, one of them may creep
      boolean halve = fast != null && tries % 2 == 0;
      plan =
          between(
              selection,
              scores,
              fast,
              slow,
              halve ? new double[] {middle, line} : new double[] {line, middle});
    }
    if (fast == null) {
      throw Problem.argument(
          "latency out of reach",
          "LatencySearch.plan, " + how,
          "at most " + milliseconds + " ms",
          String.format(
              Locale.ROOT, "%.3f ms, the least of %d plans that were timed", least, tries),
          "ask for more milliseconds, or time on a machine with nothing else to do");
    }
    return new Found(fast.plan, times.whole(), fast.milliseconds, tries);
  }

  /**
   * The plan of a network between two, by the first of the bounds that has one, or the next smaller
   * one than the slow; null if there is none.
   */
  private @Nullable ChannelPlan between(
      ChannelSelection selection,
      ChannelScores scores,
      @Nullable Timed fast,
      Timed slow,
      double[] bounds) {
    if (fast != null && fast.forecast >= slow.forecast) {
      return null; // the whole network is fast enough
    }
    double next = Math.nextDown(slow.forecast);
    for (double bound : new double[] {bounds[0], bounds[1], next}) {
      ChannelPlan plan = forecastIfInReach(selection, scores, bound);
      // plans nest, so one of the same size is the same
      if (plan != null && (fast == null || !plan.after().equals(fast.plan.after()))) {
        return plan;
      }
    }
    return null;
  }
}
