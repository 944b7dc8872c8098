package org.vpns.examples.shrink;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.vpns.examples.shrink.GivenChannels.Chosen;
import org.vpns.latency.Latency;
import org.vpns.report.Accuracy;

/** What a smaller network costs and can do, in words. */
final class ShrinkReport {
  private final Chosen chosen;
  private final StringBuilder found = new StringBuilder();

  ShrinkReport(Chosen chosen) {
    this.chosen = chosen;
  }

  void accuracyUnknown() {
    found.append("accuracy unknown: no test images; give some with --images\n");
  }

  void accuracy(String network, Accuracy accuracy) {
    found.append(
        String.format(
            Locale.ROOT,
            "%s: %.2f %% of %d images right%n",
            network,
            100 * accuracy.plainFraction(),
            accuracy.images()));
  }

  /**
   * How much faster it has become, by the timing whose gain is the median; how far the others are
   * from it tells what the machine did beside them.
   *
   * @param timings milliseconds of the whole network and of the smaller one, timed in turn
   */
  void times(List<double[]> timings, Latency latency) {
    List<double[]> rising =
        timings.stream().sorted(Comparator.comparingDouble(ShrinkReport::gain)).toList();
    double[] middle = rising.get(rising.size() / 2);
    found.append(
        String.format(
            Locale.ROOT,
            "%.3f => %.3f ms, %.2f times as fast (%s; %.2f to %.2f in %d timings)%n",
            middle[0],
            middle[1],
            gain(middle),
            latency,
            gain(rising.get(0)),
            gain(rising.get(rising.size() - 1)),
            rising.size()));
  }

  private static double gain(double[] times) {
    return times[0] / times[1];
  }

  /** Without the plan. */
  String found() {
    return found.toString().strip();
  }

  /** The plan, then what was found. */
  @Override
  public String toString() {
    return chosen.plan() + "\n\n" + chosen.told() + "\n" + found;
  }
}
