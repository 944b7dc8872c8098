package org.vpns.examples.channels;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.vpns.examples.OutcomeRun;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.structured.plan.ChannelPlan;

/**
 * What a method made of the network at one share and seed.
 *
 * @param method its name
 * @param leaving share of channels, or of multiply-adds, removed
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

  /**
   * Of a run.
   *
   * @param plan the channels that have left
   * @param reports of its training, that of the tuning last
   * @param times milliseconds of the whole network and of the smaller one
   */
  static ChannelOutcome of(
      OutcomeRun<?> run, ChannelPlan plan, List<PruneReport> reports, double[] times) {
    PruneReport tuning = reports.get(reports.size() - 1);
    return new ChannelOutcome(
        run.method(),
        run.sparsity().toString(),
        run.seed(),
        fraction(Objects.requireNonNull(tuning.pruned())),
        fraction(Objects.requireNonNull(tuning.tuned())),
        plan.groups().stream().mapToInt(ChannelPlan.Group::kept).sum(),
        plan.after().parameters(),
        plan.after().macs(),
        plan.after().bytes(),
        plan.before().macs(),
        times[1],
        times[0] / times[1],
        reports.stream().mapToLong(PruneReport::gradientSteps).sum(),
        reports.stream()
            .flatMap(report -> report.stages().stream())
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
