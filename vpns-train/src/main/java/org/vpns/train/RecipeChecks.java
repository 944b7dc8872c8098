package org.vpns.train;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;

/**
 * Whether the options of a recipe make sense together.
 *
 * @param where the recipe, for messages
 */
record RecipeChecks(String where) {
  void requirePromptIfShown(List<Stage> stages, @Nullable PromptFactory prompt) {
    boolean shown = Stages.of(stages).showPrompt();
    if (shown && prompt == null) {
      throw Problem.state(
          "prompt missing",
          where,
          "a visual prompt for its prompted passes",
          "none",
          "call prompt, for example with Prompts.pad(16)");
    }
    if (!shown && prompt != null) {
      throw Problem.state(
          "prompt never used",
          where,
          "a place for " + prompt.describe(),
          "mounted nowhere",
          "mount the prompt in a stage or leave it out");
    }
  }

  /** A mask that is given and no later stage's to change must be as sparse as the recipe says. */
  void requireGivenMasks(Stages stages, Sparsity sparsity) {
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      if (stage.mask() instanceof FixedMasks.Given given && stages.hasLastMask(i)) {
        given.requireSparsity(sparsity, where + ", " + stage.inWords());
      }
    }
  }

  void requireSameCanvas(ImageInput prompted, ImageInput plain) {
    if (!plain.imageSize(1, 1).equals(prompted.imageSize(1, 1))) {
      throw Problem.argument(
          "images without prompt have another canvas",
          where + ".plainInput",
          "canvas and normalisation of " + prompted,
          plain,
          "change the image size alone");
    }
  }

  /** The stages with a teacher in the last that trains weights. */
  List<Stage> taught(List<Stage> stages, Distillation by) {
    return changed(stages, stage -> stage.distil(by), "nothing to teach", "leave out distil");
  }

  /** The stages with patience in the last that trains weights. */
  List<Stage> patient(List<Stage> stages, int epochs) {
    return changed(
        stages,
        stage -> stage.patience(epochs),
        "nothing that could end early",
        "leave out patience");
  }

  private List<Stage> changed(
      List<Stage> stages, UnaryOperator<Stage.Builder> change, String without, String remedy) {
    OptionalInt last = Stages.of(stages).lastOfWeights();
    if (last.isEmpty()) {
      throw Problem.state(
          without,
          where,
          "a stage that trains weights",
          stages.stream().map(Stage::name).toList(),
          remedy);
    }
    List<Stage> changed = new ArrayList<>(stages);
    int index = last.getAsInt();
    changed.set(index, change.apply(changed.get(index).toBuilder()).build());
    return changed;
  }
}
