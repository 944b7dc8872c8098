package org.vpns.train;

import ai.djl.engine.Engine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.MultiplyAdds;
import org.vpns.internal.network.Network;
import org.vpns.report.LayerRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;

/** Makes the report of a finished run. */
final class ReportWriter {
  /** Other kernels add up in another order, and learned masks follow. */
  private static final String KERNELS = "ONEDNN_MAX_CPU_ISA";

  private ReportWriter() {}

  static PruneReport write(Setting setting, Ledger ledger, LabelAssignment mapping) {
    Recipe recipe = setting.recipe();
    Network network = setting.network();
    MaskSet masks = setting.live().masks();
    Map<String, String> provenance = new LinkedHashMap<>(setting.identity());
    Engine engine = network.manager().getEngine();
    provenance.put("engine", engine.getEngineName() + " " + engine.getVersion());
    provenance.put(
        "engine threads", System.getProperty("ai.djl.pytorch.num_threads", "the engine's default"));
    provenance.put(
        "engine kernels",
        Objects.requireNonNullElse(System.getenv(KERNELS), "all that the processor has"));
    provenance.put("vpns", version());
    provenance.put("java", System.getProperty("java.version", "unknown"));
    provenance.put("device", network.manager().getDevice().toString());
    provenance.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    if (ledger.stopped != null) {
      provenance.put(PruneReport.STOPPED, ledger.stopped);
    }
    VisualPrompt prompt = setting.live().prompt();
    MultiplyAdds.Count count = MultiplyAdds.of(network, setting.inputShape(), masks);
    PruneReport report =
        new PruneReport(
            recipe.name(),
            recipe.sparsity().toString(),
            recipe.seed(),
            network.layout().size(),
            masks.kept(),
            network.parameters(),
            LayerRecord.of(masks),
            ledger.dense,
            ledger.pruned,
            ledger.tuned,
            List.copyOf(ledger.stages),
            mapping.toArray(),
            prompt == null ? null : record(prompt),
            List.copyOf(ledger.warnings),
            provenance,
            (long) setting.images().train().size());
    return count == null ? report : report.multiplyAdds(count.dense(), count.kept());
  }

  private static String version() {
    String version = ReportWriter.class.getPackage().getImplementationVersion();
    return Objects.requireNonNullElse(version, "classes in no jar");
  }

  private static PromptRecord record(VisualPrompt prompt) {
    return new PromptRecord(
        prompt.kind(),
        prompt.options(),
        prompt.input().channels(),
        prompt.input().height(),
        prompt.input().width(),
        prompt.activePixels(),
        prompt.parameterCount(),
        prompt.picture());
  }
}
