package org.vpns.train;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;

/**
 * Whether the options of a recipe make sense together.
 *
 * @param where the recipe, for messages
 */
record RecipeChecks(String where) {
  /** Whether any stage shows the prompt. */
  static boolean showsPrompt(List<Stage> stages) {
    return stages.stream().anyMatch(s -> s.usesPrompt() || s.scoresWithPrompt());
  }

  void requirePromptIfShown(List<Stage> stages, @Nullable PromptFactory prompt) {
    boolean shown = showsPrompt(stages);
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
    List<Stage> taught = new ArrayList<>(stages);
    int last = taught.size() - 1;
    while (last >= 0 && !taught.get(last).movesWeights()) {
      last--;
    }
    if (last < 0) {
      throw Problem.state(
          "nothing to teach",
          where,
          "a stage that trains weights",
          stages.stream().map(Stage::name).toList(),
          "leave out distil");
    }
    taught.set(last, taught.get(last).toBuilder().distil(by).build());
    return taught;
  }
}
