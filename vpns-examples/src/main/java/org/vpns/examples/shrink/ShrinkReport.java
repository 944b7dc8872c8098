package org.vpns.examples.shrink;

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

  /** Milliseconds of the whole network and of the smaller one. */
  void times(double[] times, Latency latency) {
    found.append(
        String.format(
            Locale.ROOT,
            "%.3f => %.3f ms, %.2f times as fast (%s)%n",
            times[0],
            times[1],
            times[0] / times[1],
            latency));
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
