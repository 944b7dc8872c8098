package org.vpns.train;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.NetworkState;

/**
 * The state at the end of the epoch of best validation accuracy, all parts of one moment.
 *
 * @param network parameters and statistics
 * @param theta true weights
 * @param masks the mask
 * @param scores the scores that selected it, if the stage learns some
 * @param prompt the prompt's values, if there are any
 */
record BestEpoch(
    NetworkState network,
    float[] theta,
    MaskSet masks,
    @Nullable Scores scores,
    float @Nullable [] prompt) {

  /** The run's present state. */
  static BestEpoch of(Run run, MaskSet masks, @Nullable Scores scores) {
    VisualPrompt prompt = run.prompt;
    return new BestEpoch(
        run.network.snapshot(),
        run.weights.theta().toArray(),
        masks,
        scores,
        prompt == null || prompt.parameterCount() == 0
            ? null
            : prompt.delta().getArray().toFloatArray());
  }

  /** Makes it the run's present state again. */
  void restore(Run run) {
    run.network.restore(network);
    run.weights.theta().set(theta);
    run.weights.apply(masks);
    if (prompt != null && run.prompt != null) {
      Run.setPrompt(run.prompt, prompt);
    }
  }

  void save(Checkpoint.Writer writer) {
    writer.network("best", network);
    writer.floats("best-theta", theta);
    writer.masks("best-mask/", masks);
    if (scores != null) {
      writer.floats("best-scores", scores.values());
    }
    if (prompt != null) {
      writer.floats("best-prompt", prompt);
    }
  }

  static BestEpoch load(Checkpoint.Reader reader, Run run, boolean learnsScores)
      throws IOException {
    Layout layout = run.network.layout();
    return new BestEpoch(
        reader.network("best"),
        reader.floats("best-theta", layout.size()),
        reader.masks("best-mask/", layout),
        learnsScores ? Scores.of(layout, reader.floats("best-scores", layout.size())) : null,
        reader.has("best-prompt") && run.prompt != null
            ? reader.floats("best-prompt", Math.toIntExact(run.prompt.parameterCount()))
            : null);
  }
}
