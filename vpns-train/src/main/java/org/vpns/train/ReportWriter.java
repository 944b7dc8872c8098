package org.vpns.train;

import ai.djl.engine.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.VisualPrompt;
import org.vpns.report.LayerRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;

/** Makes the report of a finished run. */
final class ReportWriter {
  private ReportWriter() {}

  static PruneReport write(Run run, Map<String, String> identity) {
    MaskSet masks = run.weights.masks();
    Layout layout = run.network.layout();
    List<LayerRecord> layers = new ArrayList<>();
    masks
        .asMap()
        .forEach(
            (path, mask) ->
                layers.add(
                    new LayerRecord(path, mask.shape().toString(), mask.size(), mask.kept())));
    Map<String, String> provenance = new LinkedHashMap<>(identity);
    Engine engine = run.network.manager().getEngine();
    provenance.put("engine", engine.getEngineName() + " " + engine.getVersion());
    provenance.put(
        "engine threads", System.getProperty("ai.djl.pytorch.num_threads", "the engine's default"));
    provenance.put("java", System.getProperty("java.version", "unknown"));
    provenance.put("device", run.network.manager().getDevice().toString());
    provenance.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    VisualPrompt prompt = run.prompt;
    return new PruneReport(
        run.recipe.name(),
        run.recipe.sparsity().toString(),
        run.recipe.seed(),
        layout.size(),
        masks.kept(),
        run.network.parameters(),
        layers,
        run.ledger.dense,
        run.ledger.pruned,
        run.ledger.tuned,
        List.copyOf(run.ledger.stages),
        run.mapping().toArray(),
        prompt == null ? null : record(prompt),
        List.copyOf(run.ledger.warnings),
        provenance,
        (long) run.train.size());
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
