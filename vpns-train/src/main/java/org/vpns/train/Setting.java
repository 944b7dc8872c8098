package org.vpns.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Seeds;
import org.vpns.VisualPrompt;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.PromptCheck;
import org.vpns.internal.network.PromptProviders;
import org.vpns.internal.network.ScriptGradients;
import org.vpns.internal.network.SingleImage;
import org.vpns.internal.network.ValueCheck;
import org.vpns.internal.run.Batches;
import org.vpns.internal.run.Evaluator;
import org.vpns.internal.run.Fingerprints;
import org.vpns.internal.run.GradientStep;
import org.vpns.internal.run.LiveState;
import org.vpns.internal.run.WorkObserver;
import org.vpns.internal.text.Texts;

/**
 * What a run works with, from its first stage to its last.
 *
 * @param recipe what to do
 * @param listener hears of it
 * @param seeds all random numbers
 * @param live what changes
 * @param images in batches
 * @param step one gradient step
 * @param evaluator counts right answers
 * @param outputs logits of the network
 * @param team threads
 * @param promptManager owns the prompt
 * @param identities gives what the run depends on, for which it reads all images
 */
record Setting(
    Recipe recipe,
    RunListener listener,
    Seeds seeds,
    LiveState live,
    RunImages images,
    GradientStep step,
    Evaluator evaluator,
    int outputs,
    ThreadTeam team,
    NDManager promptManager,
    Supplier<Map<String, String>> identities) {

  /**
   * Of a network as it is; the caller closes it, the team, and the prompt's manager if no result
   * takes that over.
   *
   * @throws IllegalArgumentException if network, images and recipe do not fit each other
   */
  static Setting of(
      Recipe recipe,
      RunListener listener,
      Network network,
      ThreadTeam team,
      NDManager promptManager,
      ImageSets splits) {
    ValueCheck.require(network);
    Seeds seeds = new Seeds(recipe.seed());
    PromptFactory factory = recipe.prompt();
    VisualPrompt prompt =
        factory == null
            ? null
            : Problem.given(
                factory.create(promptManager, recipe.input(), seeds.stream("prompt-start")),
                "recipe " + recipe.name(),
                "what PromptFactory.create gives");
    if (prompt != null) {
      PromptCheck.require(prompt, "recipe " + recipe.name());
      if (!recipe.input().equals(prompt.input())) {
        throw Problem.argument(
            "prompt of another image input",
            "recipe " + recipe.name() + ", what PromptFactory.create gives",
            recipe.input(),
            prompt.input(),
            "let it make the prompt for the input that it is given");
      }
      // its result could be saved, and not be loaded
      PromptProviders.require(prompt, "recipe " + recipe.name());
    }
    GradientStep step = new GradientStep(network, ImagePlacement.of(recipe.plainInput()), prompt);
    int outputs = network.outputs(new Shape(2).addAll(inputShape(recipe)));
    requireGradients(recipe, network);
    LiveState live = new LiveState(network, prompt);
    RunImages images =
        withoutBatchesOfOne(RunImages.of(splits, recipe.batchSize(), seeds), recipe, network);
    requireValidation(recipe, images);
    return new Setting(
        recipe,
        listener,
        seeds,
        live,
        images,
        step,
        new Evaluator(step, network.manager(), observer(listener)),
        outputs,
        team,
        promptManager,
        Suppliers.memoize(() -> identity(recipe, network, images)));
  }

  private static Map<String, String> identity(Recipe recipe, Network network, RunImages images) {
    ImmutableMap.Builder<String, String> identity =
        ImmutableMap.<String, String>builder()
            .putAll(recipe.options())
            .putAll(images.identity(network.manager()))
            .put("network", network.fingerprint().substring(0, 16));
    List<String> frozen = network.paths().frozen().stream().map(NamedParameter::path).toList();
    if (!frozen.isEmpty()) {
      identity.put(
          "frozen", Texts.plural(frozen.size(), "parameter") + ", " + Fingerprints.digest(frozen));
    }
    return identity.buildOrThrow();
  }

  /** What the run depends on, by name: of the network as it is when this is first asked for. */
  Map<String, String> identity() {
    return identities.get();
  }

  /**
   * Images in batches that the network can be trained on.
   *
   * @throws IllegalArgumentException if it cannot, because batches are of one image
   */
  private static RunImages withoutBatchesOfOne(RunImages images, Recipe recipe, Network network) {
    Batches train = images.train();
    boolean trains = recipe.stages().stream().anyMatch(stage -> !stage.freezesStatistics());
    // scores may leave one image where training does not; a module is loaded anew by the trial
    boolean asks = train.hasBatchOfOne() || !network.isScript();
    if (!trains || !asks || !SingleImage.isRefusedBy(network, inputShape(recipe))) {
      return images;
    }
    if (train.size() == 1 || train.batchSize() == 1) {
      throw Problem.argument(
          "batch norm over one value",
          "recipe " + recipe.name(),
          "batches of at least 2 images",
          Texts.plural(train.size(), "training image") + " in batches of " + train.batchSize(),
          "raise batchSize or give more images: the network normalises one pixel per image");
    }
    return images.joiningLastImage();
  }

  private static void requireValidation(Recipe recipe, RunImages images) {
    for (Stage stage : recipe.stages()) {
      if (stage.patience() > 0 && images.validation() == null) {
        throw Problem.argument(
            "patience without validation images",
            stage.inWords() + " of recipe " + recipe.name(),
            "a validation split, by which epochs are compared",
            "none",
            "give one with ImageSets.validation, or leave out patience");
      }
    }
  }

  /** In evaluation mode the engine records no gradients through a TorchScript module. */
  private static void requireGradients(Recipe recipe, Network network) {
    ScriptGradients.require(network);
    for (Stage stage : recipe.stages()) {
      if (network.isScript() && stage.freezesStatistics()) {
        throw Problem.argument(
            "statistics of a TorchScript module cannot be frozen",
            "stage '" + stage.name() + "' of recipe " + recipe.name(),
            "a block of DJL, or a stage without freezeStatistics",
            "a module",
            "leave freezeStatistics out");
      }
    }
  }

  private static Shape inputShape(Recipe recipe) {
    return new Shape(recipe.input().channels(), recipe.input().height(), recipe.input().width());
  }

  private static WorkObserver observer(RunListener listener) {
    return (what, done, total) -> listener.workAdvanced(new RunListener.Work(what, done, total));
  }

  /** Tells the listener of work that is no gradient step. */
  WorkObserver observer() {
    return observer(listener);
  }

  Network network() {
    return live.network();
  }

  Stages stages() {
    return Stages.of(recipe.stages());
  }

  /** Shape of one network input, (channels, height, width). */
  Shape inputShape() {
    return inputShape(recipe);
  }

  /** Iterations of all stages. */
  long iterations() {
    return stages().iterations(images.train().perEpoch());
  }

  /** Iterations done of all stages. */
  long iterationsDone(Ledger ledger) {
    return stages().iterationsBefore(ledger.stage, images.train().perEpoch()) + ledger.iteration;
  }
}
