package org.vpns.internal.run;

import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.Values;

/** What a run changes: network, true weights and mask, prompt, scores found. */
public final class LiveState {
  private final Network network;
  private final EffectiveWeights weights;
  private final @Nullable VisualPrompt prompt;
  private @Nullable Scores scores;

  /** Takes the network's present weights as the true ones, with nothing masked. */
  public LiveState(Network network, @Nullable VisualPrompt prompt) {
    this.network = network;
    this.prompt = prompt;
    weights = new EffectiveWeights(network);
  }

  public Network network() {
    return network;
  }

  public Layout layout() {
    return network.layout();
  }

  public EffectiveWeights weights() {
    return weights;
  }

  public MaskSet masks() {
    return weights.masks();
  }

  public @Nullable VisualPrompt prompt() {
    return prompt;
  }

  /** The prompt of a recipe that has one. */
  public VisualPrompt requirePrompt() {
    if (prompt == null) {
      throw new IllegalStateException("no prompt");
    }
    return prompt;
  }

  /** A copy of the prompt's values; null if it has none. */
  public float @Nullable [] promptValues() {
    return prompt == null || prompt.parameterCount() == 0
        ? null
        : prompt.delta().getArray().toFloatArray();
  }

  /** Writes the prompt's values where they lie. */
  public void setPrompt(float[] values) {
    Values.set(requirePrompt().delta().getArray(), values);
  }

  /** The scores of the last stage that learned some; null if none did, or if weights share them. */
  public @Nullable Scores scores() {
    return scores;
  }

  public void setScores(@Nullable Scores found) {
    scores = found;
  }
}
