package org.vpns.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * Controls: each makes of a recipe another that differs from it in one thing, everything else being
 * equal, seed included. What the difference is for tells each method.
 *
 * <pre>{@code
 * List<Recipe> arms = List.of(vpns, Controls.equalCost(vpns), Controls.shuffledMask(vpns));
 * }</pre>
 *
 * <p>Where a control concerns tuning, the recipe must tune weights under a mask that stays;
 * otherwise (GMP, SET, RigL, ITOP, BiP without tuning) it is refused.
 */
public final class Controls {
  private Controls() {}

  /**
   * Tunes under a mask whose entries are shuffled within each parameter: are the densities of the
   * layers all that the method has found? Every parameter's mask changes, unless it keeps all or
   * nothing.
   */
  public static Recipe shuffledMask(Recipe recipe) {
    Problem.given(recipe, "Controls.shuffledMask", "recipe");
    return tuning(
        recipe, "shuffled mask", stage -> stage.toBuilder().mask(MaskRule.shuffled(stage.mask())));
  }

  /** Tunes as many weights of each parameter, drawn at random; they may be the same by chance. */
  public static Recipe randomMask(Recipe recipe) {
    Problem.given(recipe, "Controls.randomMask", "recipe");
    return tuning(
        recipe,
        "random mask",
        stage -> stage.toBuilder().mask(MaskRule.randomPositions(stage.mask())));
  }

  /**
   * Tunes new random weights under the mask found ({@link Rewind#initial()}): does the mask do
   * without the pretrained weights? Not for TorchScript modules.
   */
  public static Recipe redrawnWeights(Recipe recipe) {
    Problem.given(recipe, "Controls.redrawnWeights", "recipe");
    return tuning(recipe, "redrawn weights", stage -> stage.toBuilder().rewind(Rewind.initial()));
  }

  /**
   * As {@link #redrawnWeights}, tuned for as many gradient steps as the recipe takes in all: would
   * the budget do without the pretrained weights? The steps that find the mask come on top.
   */
  public static Recipe scratch(Recipe recipe) {
    Problem.given(recipe, "Controls.scratch", "recipe");
    Length all = total(recipe, recipe.stages().get(tuningStage(recipe)).passes().size());
    return tuning(
        recipe, "scratch", stage -> stage.toBuilder().rewind(Rewind.initial()).length(all));
  }

  /**
   * The same stages, passes and batches without the prompt: what does the prompt add? Of the
   * alternating form of VPNs this leaves two plain passes on the same two batches.
   *
   * @throws IllegalStateException if the recipe has no prompt
   */
  public static Recipe withoutPrompt(Recipe recipe) {
    Problem.given(recipe, "Controls.withoutPrompt", "recipe");
    requirePrompt(recipe, "Controls.withoutPrompt");
    return recipe.toBuilder().name(recipe.name() + ", no prompt").withoutPrompt().build();
  }

  /**
   * The same method without the prompt, at as many gradient steps on as many images: stages whose
   * passes take turns with and without prompt become plain ones of one augmented pass and as many
   * times longer. Of the joint form of VPNs this is HYDRA for as long; of its alternating form,
   * HYDRA for twice as many iterations.
   *
   * @throws IllegalStateException if the recipe has no prompt
   */
  public static Recipe equalCost(Recipe recipe) {
    Problem.given(recipe, "Controls.equalCost", "recipe");
    requirePrompt(recipe, "Controls.equalCost");
    List<Stage> stages = new ArrayList<>();
    for (Stage stage : recipe.stages()) {
      stages.add(takesTurns(stage) ? inOnePass(stage) : stage);
    }
    return recipe.toBuilder()
        .name(recipe.name() + ", equal cost, no prompt")
        .stages(stages)
        .withoutPrompt()
        .build();
  }

  /** Whether passes with and without prompt move the same targets otherwise. */
  private static boolean takesTurns(Stage stage) {
    List<Set<Target>> moved =
        stage.passes().stream()
            .map(
                pass ->
                    stage.motions().keySet().stream()
                        .filter(target -> target != Target.PROMPT && pass.moves(target))
                        .collect(Collectors.toSet()))
            .distinct()
            .toList();
    return stage.usesPrompt() && stage.passes().size() > 1 && moved.size() == 1;
  }

  private static Stage inOnePass(Stage stage) {
    return stage.toBuilder()
        .rest(Target.PROMPT)
        .passes(Pass.plain())
        .length(stage.length().times(stage.passes().size()))
        .build();
  }

  /**
   * Trains the prompt alone in place of tuning, for as many iterations: weights stay as the stages
   * before leave them, pretrained unless those train them and do not rewind, statistics as well.
   * The accuracy before is that of the pruned network, none of whose weights was tuned under its
   * mask ("zero-shot" in the paper's figure 1 where the mask needs no training).
   *
   * @throws IllegalStateException if the recipe has no prompt
   */
  public static Recipe promptOnly(Recipe recipe) {
    Problem.given(recipe, "Controls.promptOnly", "recipe");
    requirePrompt(recipe, "Controls.promptOnly");
    int tuning = tuningStage(recipe);
    List<Stage> stages = new ArrayList<>(recipe.stages().subList(0, tuning));
    stages.add(promptAlone(recipe));
    return recipe.toBuilder().name(recipe.name() + ", prompt only").stages(stages).build();
  }

  /**
   * Trains the prompt alone on the dense network, for as long as the recipe tunes.
   *
   * @throws IllegalStateException if the recipe has no prompt
   */
  public static Recipe densePromptOnly(Recipe recipe) {
    Problem.given(recipe, "Controls.densePromptOnly", "recipe");
    requirePrompt(recipe, "Controls.densePromptOnly");
    Stage stage =
        promptAlone(recipe).toBuilder().mask(MaskRule.keep()).rewind(Rewind.none()).build();
    return Recipe.of(recipe.name() + ", dense, prompt only", Sparsity.DENSE, stage)
        .like(recipe)
        .build();
  }

  private static Stage promptAlone(Recipe recipe) {
    int tuning = tuningStage(recipe);
    Stage own = recipe.stages().get(tuning);
    Stage stage = own.usesPrompt() ? own : Mount.everywhere().onto(recipe.stages()).get(tuning);
    Stage.Motion motion = stage.motions().get(Target.PROMPT);
    for (Stage later : recipe.stages().subList(tuning + 1, recipe.stages().size())) {
      motion = later.motions().getOrDefault(Target.PROMPT, motion);
    }
    if (motion == null) {
      throw Problem.state(
          "prompt is not learned in tuning",
          "Controls, recipe " + recipe.name(),
          "a rule for it",
          "a prompt that stays as it is",
          "use Mount.trained");
    }
    return Stage.builder("learn prompt")
        .mask(stage.mask())
        .rewind(stage.rewind())
        .train(Target.PROMPT, motion)
        .passes(stage.passes().stream().filter(Pass::isPrompted).toArray(Pass[]::new))
        .freezeStatistics()
        .keepBest()
        .length(stage.length())
        .build();
  }

  /**
   * The same without the prompt, with smaller images on the same canvas, as they would be inside a
   * frame: is the lower resolution what helps?
   *
   * @throws IllegalArgumentException if the size does not fit the canvas
   */
  public static Recipe lowerResolution(Recipe recipe, int height, int width) {
    Problem.given(recipe, "Controls.lowerResolution", "recipe");
    ImageInput smaller = recipe.input().imageSize(height, width);
    Recipe.Builder control =
        recipe.toBuilder()
            .name(recipe.name() + ", " + height + " x " + width + " images, no prompt")
            .input(smaller)
            .plainInput(smaller);
    return control.withoutPrompt().build();
  }

  private static Recipe tuning(Recipe recipe, String name, Function<Stage, Stage.Builder> change) {
    int tuning = tuningStage(recipe);
    List<Stage> stages = new ArrayList<>(recipe.stages());
    stages.set(tuning, change.apply(stages.get(tuning)).build());
    return recipe.toBuilder().name(recipe.name() + ", " + name).stages(stages).build();
  }

  /** The last stage that trains weights. */
  private static int tuningStage(Recipe recipe) {
    return recipe
        .tuning()
        .orElseThrow(
            () ->
                Problem.state(
                    "no tuning to control",
                    "Controls, recipe " + recipe.name(),
                    "a stage that trains weights under a mask that stays",
                    recipe.stages().stream().map(Stage::name).toList(),
                    "use a method that tunes, or add a stage of tuning"));
  }

  /** Gradient steps of all stages, as a length of a stage of so many passes. */
  private static Length total(Recipe recipe, int passes) {
    Length sum = null;
    boolean alike = recipe.stages().stream().allMatch(s -> s.passes().size() == passes);
    if (!alike && passes != 1) {
      throw Problem.state(
          "budget cannot be divided",
          "Controls.scratch, recipe " + recipe.name(),
          "stages of equal numbers of passes, or tuning in one",
          recipe.stages().stream().map(s -> s.passes().size()).toList(),
          "tune in one pass");
    }
    for (Stage stage : recipe.stages()) {
      Length steps = alike ? stage.length() : stage.length().times(stage.passes().size());
      sum = sum == null ? steps : sum.plus(steps);
    }
    if (sum == null) {
      throw new IllegalStateException("a recipe has stages");
    }
    return sum;
  }

  private static void requirePrompt(Recipe recipe, String where) {
    if (recipe.prompt() == null) {
      throw Problem.state(
          "no prompt to control for",
          where + ", recipe " + recipe.name(),
          "a recipe with a prompt",
          "none",
          "use it on the arm that has one");
    }
  }
}
