package org.vpns.examples.figures;

import org.jspecify.annotations.Nullable;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;

/** Runs with a prompt as they are without it. */
final class PlainReports {
  private PlainReports() {}

  /**
   * The report of the same network without its prompt. Bytes stay those that were saved, prompt
   * included.
   *
   * @param name of the method, since it is another
   */
  static PruneReport of(PruneReport report, String name) {
    return new PruneReport(
        name,
        report.sparsity(),
        report.seed(),
        report.prunable(),
        report.kept(),
        report.parameters(),
        report.layers(),
        report.dense(),
        null,
        plain(report.tuned()),
        report.stages(),
        report.mapping(),
        null,
        report.warnings(),
        report.provenance(),
        report.trainingImages(),
        report.macs(),
        report.keptMacs(),
        report.denseBytes(),
        report.savedBytes(),
        report.channels());
  }

  private static @Nullable Accuracy plain(@Nullable Accuracy accuracy) {
    return accuracy == null ? null : new Accuracy(accuracy.images(), accuracy.plain(), null);
  }
}
