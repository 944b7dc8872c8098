package org.vpns.examples.channels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.prune.ChannelReport;
import org.vpns.structured.prune.ChannelRun;
import org.vpns.study.StudyRun;
import org.vpns.train.Trainer;

/**
 * A method that removes channels, told as methods are that remove weights: one report of both its
 * runs. Weights that it counts as removed are those that leave with the channels.
 *
 * @param channels is run
 */
record ReportedChannels(ChannelMethodRun channels) implements StudyRun<PruneReport> {
  private static final String CHOICE = "channels";

  @Override
  public String method() {
    return channels.method();
  }

  @Override
  public Sparsity sparsity() {
    return channels.sparsity();
  }

  @Override
  public long seed() {
    return channels.seed();
  }

  @Override
  public Map<String, String> options() {
    return channels.options();
  }

  @Override
  public long gradientSteps(long images) {
    return channels.gradientSteps(images);
  }

  @Override
  public PruneReport run(Place place) {
    Map<String, String> identity = identity(place);
    try (ChannelRun run = channels.fit(place)) {
      return report(run.report(), identity);
    }
  }

  private PruneReport report(ChannelReport report, Map<String, String> identity) {
    ChannelPlan plan = report.plan();
    PruneReport finding = report.finding();
    PruneReport tuning = report.tuning();
    List<StageRecord> stages = new ArrayList<>(finding.stages());
    stages.addAll(tuning.stages());
    List<String> warnings = new ArrayList<>(finding.warnings());
    warnings.addAll(tuning.warnings());
    Map<String, String> provenance = new LinkedHashMap<>(tuning.provenance());
    provenance.putAll(identity);
    return new PruneReport(
            method(),
            sparsity().toString(),
            seed(),
            plan.before().parameters(),
            plan.after().parameters(),
            plan.before().parameters(),
            plan.groups().stream().map(ReportedChannels::layer).toList(),
            finding.dense(),
            tuning.pruned(),
            tuning.tuned(),
            stages,
            tuning.mapping(),
            tuning.prompt(),
            warnings,
            provenance,
            finding.trainingImages())
        .multiplyAdds(plan.before().macs(), plan.after().macs());
  }

  private static LayerRecord layer(ChannelPlan.Group group) {
    return new LayerRecord(
        group.name(),
        "(" + group.channels() + " channels)",
        Math.toIntExact(group.before().parameters()),
        Math.toIntExact(group.after().parameters()));
  }

  private Map<String, String> identity(Place place) {
    Map<String, String> identity =
        new LinkedHashMap<>(
            Trainer.of(channels.recipe()).identity(place.network(), place.images()));
    identity.put(CHOICE, channels.choice());
    return identity;
  }

  @Override
  public void write(PruneReport result, Path file) throws IOException {
    result.write(file);
  }

  @Override
  public PruneReport read(Path file, Place place) throws IOException {
    return PruneReport.read(file).requireRunOf(identity(place), file);
  }

  @Override
  public String line(PruneReport result) {
    return result.line();
  }
}
