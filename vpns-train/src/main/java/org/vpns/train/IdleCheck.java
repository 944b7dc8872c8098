package org.vpns.train;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.Choice;
import org.vpns.internal.run.Fingerprints;
import org.vpns.internal.run.LiveState;
import org.vpns.internal.run.RunWords;

/**
 * Notices what a run did without effect: scores, prompts and weights that trained but did not move,
 * masks that were to move and did not, scores that say nothing, a sparsity that removes nothing.
 */
final class IdleCheck {
  /** What is known of the stage under way; part of every checkpoint. */
  static final class State {
    /** Digest of the mask that learned scores began with. */
    @Nullable String mask;

    /** Digest of the values that a trained prompt began with. */
    @Nullable String prompt;

    boolean weightsMoved;

    /** Null if that is not known: of a stage that began before checkpoints had it. */
    @Nullable Boolean gradientCame;

    boolean maskMoved;
    boolean equalScoresTold;
  }

  private final Stage stage;
  private final LiveState live;
  private final State state;
  private final Consumer<String> warnings;

  /** Of one stage, of which so much is known. */
  IdleCheck(Stage stage, LiveState live, State state, Consumer<String> warnings) {
    this.stage = stage;
    this.live = live;
    this.state = state;
    this.warnings = warnings;
  }

  private void tell(MaskSet masks, String what) {
    warnings.accept(RunWords.at(stage.inWords(), masks) + what);
  }

  /** Hears of a selection, at the start of the stage or during it. */
  void chosen(Choice choice) {
    if (!state.equalScoresTold && choice.isByPositionAlone()) {
      state.equalScoresTold = true;
      tell(
          choice.kept(),
          "all scores of "
              + choice.scorer()
              + " are equal, so position alone decided what stays"
              + (choice.moment().isEmpty() ? "" : " (" + choice.moment() + ")"));
    }
  }

  /** A stage has its first mask and trains from here on. */
  void begin() {
    state.gradientCame = false;
    VisualPrompt prompt = live.prompt();
    if (stage.motions().containsKey(Target.SCORES)) {
      state.mask = Fingerprints.digest(live.masks());
    }
    if (stage.motions().containsKey(Target.PROMPT) && prompt != null) {
      if (prompt.parameterCount() == 0) {
        tell(live.masks(), "the prompt has no active pixel, so none is trained");
      } else {
        state.prompt = digest(prompt);
      }
    }
  }

  private static String digest(VisualPrompt prompt) {
    return Fingerprints.digest(prompt.delta().getArray().toFloatArray());
  }

  /** What the stage trains of the network, as long as none of it has moved; otherwise null. */
  float @Nullable [][] still() {
    boolean others =
        stage.motions().containsKey(Target.OTHERS) || stage.motions().containsKey(Target.WEIGHTS);
    if (state.weightsMoved || !others && !stage.movesWeights()) {
      return null;
    }
    List<NamedParameter> rest = others ? live.network().others() : List.of();
    float[][] values = new float[rest.size() + 1][];
    values[0] = stage.movesWeights() ? live.weights().theta().toArray() : new float[0];
    for (int i = 0; i < rest.size(); i++) {
      values[i + 1] = rest.get(i).parameter().getArray().toFloatArray();
    }
    return values;
  }

  /** The training of one iteration is done; {@code before} is what was still before it. */
  void trained(float @Nullable [][] before) {
    if (before != null) {
      state.weightsMoved = !Arrays.deepEquals(before, still());
    }
  }

  /** A backward pass is done, and nothing was added to its gradients yet. */
  void differentiated() {
    if (!Boolean.TRUE.equals(state.gradientCame) && live.network().hasGradients()) {
      state.gradientCame = true;
    }
  }

  /** The mask has been moved by its rule. */
  void moved(MaskSet before, MaskSet after) {
    state.maskMoved |= !after.equals(before);
  }

  /**
   * The stage has ended, its best epoch restored.
   *
   * @param reached the mask that its scores have come to
   * @param moving whether its mask was to move
   */
  void end(MaskSet reached, boolean moving) {
    MaskSet masks = live.masks();
    VisualPrompt prompt = live.prompt();
    boolean removes = masks.kept() < masks.size();
    if (removes && Fingerprints.digest(reached).equals(state.mask)) {
      tell(masks, "the scores were trained, but the mask is the one that they began with");
    }
    if (prompt != null && state.prompt != null && digest(prompt).equals(state.prompt)) {
      tell(masks, "the prompt was trained, but has the values that it began with");
    }
    boolean trains = stage.movesWeights() || stage.motions().containsKey(Target.OTHERS);
    if (trains && !state.weightsMoved) {
      tell(masks, "weights were trained, but none moved");
    } else if (trains && Boolean.FALSE.equals(state.gradientCame)) {
      tell(
          masks,
          "weights were trained, but no gradient came to them: something between them and the loss,"
              + " as a quantised layer, hands none back");
    }
    if (removes && moving && !state.maskMoved) {
      tell(masks, "the mask was to move, but stayed as it was");
    }
  }

  /** A run is over, with this mask. */
  static void endRun(Recipe recipe, MaskSet masks, Consumer<String> warnings) {
    List<String> rules =
        recipe.stages().stream().filter(Stage::changesMask).map(Stage::inWords).toList();
    long asked = recipe.sparsity().prune(masks.size());
    boolean dense = recipe.sparsity().value().signum() == 0;
    if (masks.kept() < masks.size() || dense && rules.isEmpty()) {
      return;
    }
    String sparsity = "sparsity " + recipe.sparsity();
    boolean counted = recipe.stages().stream().allMatch(stage -> stage.mask().isExact());
    String ofWeights = sparsity + " of " + masks.size() + " weights";
    warnings.accept(
        "nothing was removed"
            + (rules.isEmpty() ? "" : " by " + String.join(", ", rules))
            + ": "
            + (dense
                ? "sparsity 0 keeps all " + masks.size() + " weights, so scores decide nothing"
                : !counted
                    ? sparsity + " came to less than one"
                    : asked == 0
                        ? ofWeights + " is less than one"
                        : ofWeights + " would be " + asked));
  }
}
