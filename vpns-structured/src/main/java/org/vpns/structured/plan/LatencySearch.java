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
 * whole smaller network timed beside the whole one. While it takes too long, the bound for the
 * forecast goes down, to where the times measured so far let expect what was asked for.
 */
public final class LatencySearch {
  private static final int TRIES = 6;

  /** A little below the bound: the next measurement differs. */
  private static final double MARGIN = 0.98;

  private final Function<List<NetworkValues>, double[]> watch;
  private final String how;
  private final NetworkValues network;
  private final LayerTimes times;

  /**
   * A plan and what was measured.
   *
   * @param plan the plan
   * @param before milliseconds of the whole network
   * @param after milliseconds of the smaller one, timed in turn with it
   * @param tries how often the plan was made
   */
  public record Found(ChannelPlan plan, double before, double after, int tries) {}

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
    times = LayerTimes.measure(watch, network, groups);
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

  /**
   * The forecast at which the network would take so long, if what it takes went with the forecast
   * on the line through the whole network and the smaller one.
   */
  private double next(double forecast, double[] both, double milliseconds) {
    double gained = both[0] - both[1];
    double slope = gained > 0 ? (times.whole() - forecast) / gained : 0;
    double onTheLine = forecast - (both[1] - milliseconds) * slope;
    // no line to go by, or one that ends too early: at least as much less as it takes too long
    boolean usable = onTheLine > 0 && onTheLine < forecast;
    return usable ? onTheLine : forecast * milliseconds / both[1];
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
    double least = Double.MAX_VALUE;
    ChannelPlan plan = forecast(selection, scores, milliseconds);
    int tries = 0;
    while (plan != null && tries < TRIES) {
      tries++;
      try (NDManager scope = Engines.newManager("latency")) {
        NetworkValues smaller = plan.apply(network, scope);
        double[] both = watch.apply(List.of(network, smaller));
        if (both[1] <= milliseconds) {
          return new Found(plan, both[0], both[1], tries);
        }
        least = Math.min(least, both[1]);
        double bound = next(times.of(smaller.graph()), both, MARGIN * milliseconds);
        plan = forecastIfInReach(selection, scores, bound);
      }
    }
    throw Problem.argument(
        "latency out of reach",
        "LatencySearch.plan, " + how,
        "at most " + milliseconds + " ms",
        String.format(Locale.ROOT, "%.3f ms, the least of %d plans that were timed", least, tries),
        "ask for more milliseconds, or time on a machine with nothing else to do");
  }
}
