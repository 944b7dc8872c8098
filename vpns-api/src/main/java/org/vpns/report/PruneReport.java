package org.vpns.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a run has to tell, as plain values.
 *
 * @param recipe name of the method, such as {@code VPNs}; equal for runs that differ by seed only
 * @param sparsity fraction removed, as a decimal numeral
 * @param seed the run's seed
 * @param prunable number of prunable weights
 * @param kept of these kept
 * @param parameters trainable parameters of the network, all kinds
 * @param layers per prunable tensor, in definition order
 * @param dense accuracy before anything was pruned; null without test images
 * @param pruned accuracy with the mask, before any weight was tuned; null without test images
 * @param tuned accuracy at the end; null without test images
 * @param stages what each stage cost
 * @param mapping target class to source logits
 * @param prompt the learned prompt; null without one
 * @param warnings in words: emptied layers and the like
 * @param provenance options, data fingerprint, versions: where the result came from
 */
public record PruneReport(
    String recipe,
    String sparsity,
    long seed,
    long prunable,
    long kept,
    long parameters,
    List<LayerRecord> layers,
    @Nullable Accuracy dense,
    @Nullable Accuracy pruned,
    @Nullable Accuracy tuned,
    List<StageRecord> stages,
    int[][] mapping,
    @Nullable PromptRecord prompt,
    List<String> warnings,
    Map<String, String> provenance) {

  /** Gradient steps of all stages. */
  public long gradientSteps() {
    return stages.stream().mapToLong(StageRecord::gradientSteps).sum();
  }

  /** Images that went through gradient steps, all stages. */
  public long images() {
    return stages.stream().mapToLong(StageRecord::images).sum();
  }

  /** Wall time of all stages in seconds. */
  public double seconds() {
    return stages.stream().mapToDouble(StageRecord::seconds).sum();
  }
}
