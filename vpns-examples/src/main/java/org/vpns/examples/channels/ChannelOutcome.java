package org.vpns.examples.channels;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.prune.ChannelReport;

/**
 * What a method made of the network at one share and seed.
 *
 * @param method its name
 * @param leaving share of channels removed
 * @param seed of the run
 * @param cut accuracy without the channels, before tuning
 * @param accuracy in the end
 * @param channels that are left
 * @param parameters of the smaller network
 * @param macs its multiply-adds
 * @param bytes of its parameters
 * @param denseMacs multiply-adds of the whole network
 * @param milliseconds of the smaller network
 * @param speedUp milliseconds of the whole network, timed in turn, over those
 * @param steps gradient steps of both runs
 * @param seconds of training in both
 */
record ChannelOutcome(
    String method,
    String leaving,
    long seed,
    double cut,
    double accuracy,
    int channels,
    long parameters,
    long macs,
    long bytes,
    long denseMacs,
    double milliseconds,
    double speedUp,
    long steps,
    double seconds) {
  static final String HEADINGS =
      "method,leaving,seed,cut,accuracy,channels,parameters,macs,bytes,dense_macs,milliseconds,"
          + "speed_up,gradient_steps,seconds";

  static ChannelOutcome of(
      String method, String leaving, long seed, ChannelReport report, double[] times) {
    ChannelPlan plan = report.plan();
    List<PruneReport> runs = List.of(report.finding(), report.tuning());
    return new ChannelOutcome(
        method,
        leaving,
        seed,
        fraction(Objects.requireNonNull(report.cut())),
        fraction(Objects.requireNonNull(report.tuned())),
        plan.groups().stream().mapToInt(ChannelPlan.Group::kept).sum(),
        plan.after().parameters(),
        plan.after().macs(),
        plan.after().bytes(),
        plan.before().macs(),
        times[1],
        times[0] / times[1],
        runs.stream().mapToLong(PruneReport::gradientSteps).sum(),
        runs.stream()
            .flatMap(run -> run.stages().stream())
            .map(StageRecord::training)
            .mapToDouble(cost -> cost.seconds())
            .sum());
  }

  /** As the run's images are in the end: with the prompt if it has one. */
  private static double fraction(Accuracy accuracy) {
    return accuracy.prompted() == null ? accuracy.plainFraction() : accuracy.promptedFraction();
  }

  /** A line of comma-separated values. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%s,%s,%d,%.6f,%.6f,%d,%d,%d,%d,%d,%.4f,%.4f,%d,%.2f",
        method,
        leaving,
        seed,
        cut,
        accuracy,
        channels,
        parameters,
        macs,
        bytes,
        denseMacs,
        milliseconds,
        speedUp,
        steps,
        seconds);
  }
}
