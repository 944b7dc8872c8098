package org.vpns.train;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Choice;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.VisualPrompt;

/**
 * Notices what a run did without effect: scores, prompts and weights that trained but did not move,
 * masks that were to move and did not, scores that say nothing, a sparsity that removes nothing.
 */
final class Effects {
  /** What is known of the stage under way; part of every checkpoint. */
  static final class State {
    /** Digest of the mask that learned scores began with. */
    @Nullable String mask;

    /** Digest of the values that a trained prompt began with. */
    @Nullable String prompt;

    boolean weightsMoved;
    boolean maskMoved;
    boolean equalScoresTold;
  }

  private final Run run;

  Effects(Run run) {
    this.run = run;
  }

  private State state() {
    return run.ledger.effects;
  }

  private void tell(Stage stage, MaskSet masks, String what) {
    run.warn(RunWords.at(RunWords.stage(stage), masks) + what);
  }

  /** Hears of a selection, at the start of the stage or during it. */
  void chosen(Stage stage, Choice choice) {
    if (!state().equalScoresTold && choice.isByPositionAlone()) {
      state().equalScoresTold = true;
      tell(
          stage,
          choice.kept(),
          "all scores of "
              + choice.scorer()
              + " are equal, so position alone decided what stays"
              + (choice.moment().isEmpty() ? "" : " (" + choice.moment() + ")"));
    }
  }

  /** A stage has its first mask and trains from here on. */
  void begin(Stage stage) {
    VisualPrompt prompt = run.prompt;
    if (stage.motions().containsKey(Target.SCORES)) {
      state().mask = RunWords.digest(run.weights.masks());
    }
    if (stage.motions().containsKey(Target.PROMPT) && prompt != null) {
      if (prompt.parameterCount() == 0) {
        tell(stage, run.weights.masks(), "the prompt has no active pixel, so none is trained");
      } else {
        state().prompt = digest(prompt);
      }
    }
  }

  private static String digest(VisualPrompt prompt) {
    return RunWords.digest(prompt.delta().getArray().toFloatArray());
  }

  /** What the stage trains of the network, as long as none of it has moved; otherwise null. */
  float @Nullable [][] still(Stage stage) {
    boolean others =
        stage.motions().containsKey(Target.OTHERS) || stage.motions().containsKey(Target.WEIGHTS);
    if (state().weightsMoved || !others && !stage.movesWeights()) {
      return null;
    }
    List<NamedParameter> rest = others ? run.network.others() : List.of();
    float[][] values = new float[rest.size() + 1][];
    values[0] = stage.movesWeights() ? run.weights.theta().toArray() : new float[0];
    for (int i = 0; i < rest.size(); i++) {
      values[i + 1] = rest.get(i).parameter().getArray().toFloatArray();
    }
    return values;
  }

  /** The training of one iteration is done; {@code before} is what was still before it. */
  void trained(Stage stage, float @Nullable [][] before) {
    if (before != null) {
      state().weightsMoved = !Arrays.deepEquals(before, still(stage));
    }
  }

  /** The mask has been moved by its rule. */
  void moved(MaskSet before, MaskSet after) {
    state().maskMoved |= !after.equals(before);
  }

  /** A stage has ended, its best epoch restored. */
  void end(Stage stage) {
    State state = state();
    MaskSet masks = run.weights.masks();
    VisualPrompt prompt = run.prompt;
    boolean removes = masks.kept() < masks.size();
    if (removes && RunWords.digest(masks).equals(state.mask)) {
      tell(stage, masks, "the scores were trained, but the mask is the one that they began with");
    }
    if (prompt != null && state.prompt != null && digest(prompt).equals(state.prompt)) {
      tell(stage, masks, "the prompt was trained, but has the values that it began with");
    }
    boolean trains = stage.movesWeights() || stage.motions().containsKey(Target.OTHERS);
    if (trains && !state.weightsMoved) {
      tell(stage, masks, "weights were trained, but none moved");
    }
    if (removes && stage.mask() instanceof MovingMask && !state.maskMoved) {
      tell(stage, masks, "the mask was to move, but stayed as it was");
    }
    run.ledger.effects = new State();
  }

  /** The run is over. */
  void endRun() {
    MaskSet masks = run.weights.masks();
    List<String> rules =
        run.recipe.stages().stream()
            .filter(Stage::changesMask)
            .map(RunWords::stage)
            .toList();
    long asked = run.recipe.sparsity().prune(masks.size());
    boolean dense = run.recipe.sparsity().value().signum() == 0;
    if (masks.kept() < masks.size() || dense && rules.isEmpty()) {
      return;
    }
    String sparsity = "sparsity " + run.recipe.sparsity() + " of " + masks.size() + " weights";
    run.warn(
        "nothing was removed"
            + (rules.isEmpty() ? "" : " by " + String.join(", ", rules))
            + ": "
            + (dense
                ? "sparsity 0 keeps all " + masks.size() + " weights, so scores decide nothing"
                : asked == 0 ? sparsity + " is less than one" : sparsity + " would be " + asked));
  }
}
