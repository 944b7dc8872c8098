package org.vpns.predict;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.internal.network.PromptCheck;
import org.vpns.internal.text.ClassNames;

/**
 * Lets a DJL predictor run a network on images of any size, with or without visual prompt: {@code
 * model.newPredictor(PromptTranslator.of(prompt, classes).mapping(assignment))}.
 *
 * <p>An image, in colour or grey as the input's channels ask, becomes numbers in [0, 1], is placed
 * and normalised (with the prompt added in between), and passes the network; the logits are mapped
 * to the classes and become probabilities that sum to 1. Classes come in the order of their
 * probability, the most probable first, equal ones in the order of the names. Immutable; safe for
 * several predictors at once.
 *
 * <p>Transparency of a picture is left out: a pixel counts with the colour that is stored for it.
 */
public final class PromptTranslator implements Translator<Image, Classifications> {
  private final ImageInput input;
  private final @Nullable VisualPrompt prompt;
  private final ImmutableList<String> classes;
  private final @Nullable LabelAssignment assignment;
  private final boolean proven;

  private PromptTranslator(
      ImageInput input,
      @Nullable VisualPrompt prompt,
      List<String> classes,
      @Nullable LabelAssignment assignment,
      boolean proven) {
    if (input.channels() != 1 && input.channels() != 3) {
      throw Problem.argument(
          "images cannot be of these channels",
          "PromptTranslator.of",
          "1 (grey) or 3 (red, green, blue)",
          input.channels(),
          "feed other arrays to the network directly");
    }
    if (assignment != null && assignment.targets() != classes.size()) {
      throw Problem.argument(
          "class names do not fit the label mapping",
          "PromptTranslator.mapping",
          assignment.targets() + " names, one for each target",
          classes.size(),
          "pass the class names of the data set, in its order");
    }
    this.input = input;
    this.prompt = prompt;
    this.classes = ImmutableList.copyOf(classes);
    this.assignment = assignment;
    this.proven = proven;
  }

  /**
   * A translator without prompt.
   *
   * @param input how images are placed and normalised
   * @param classes a name for each class
   * @throws IllegalArgumentException if the input has neither 1 nor 3 channels
   */
  public static PromptTranslator of(ImageInput input, List<String> classes) {
    Problem.given(input, "PromptTranslator.of", "input");
    ClassNames.require(classes, "PromptTranslator.of", "classes");
    return new PromptTranslator(input, null, classes, null, false);
  }

  /**
   * A translator that adds a prompt. The prompt is not copied: it must stay open.
   *
   * @param prompt a learned prompt
   * @param classes a name for each class
   * @throws IllegalArgumentException if the prompt's input has neither 1 nor 3 channels
   */
  public static PromptTranslator of(VisualPrompt prompt, List<String> classes) {
    Problem.given(prompt, "PromptTranslator.of", "prompt");
    ClassNames.require(classes, "PromptTranslator.of", "classes");
    ImageInput input =
        Problem.given(prompt.input(), "PromptTranslator.of", "what VisualPrompt.input gives");
    return new PromptTranslator(input, prompt, classes, null, false);
  }

  /**
   * A translator that maps the network's logits to the classes; without, logit t is class t.
   *
   * @throws IllegalArgumentException if it has another number of targets than there are names
   */
  public PromptTranslator mapping(LabelAssignment newAssignment) {
    Problem.given(newAssignment, "PromptTranslator.mapping", "assignment");
    return new PromptTranslator(input, prompt, classes, newAssignment, proven);
  }

  /** The same for a network that is known to give logits, which costs no pass to find out. */
  PromptTranslator proven() {
    return new PromptTranslator(input, prompt, classes, assignment, true);
  }

  /** Runs the network with one image: of several, an answer may not tell where each one's is. */
  @Override
  public void prepare(TranslatorContext context) {
    if (proven) {
      return;
    }
    NDManager manager = context.getNDManager();
    NDArray image = manager.zeros(new Shape(1, input.channels(), input.height(), input.width()));
    Shape found =
        context
            .getModel()
            .getBlock()
            .forward(new ParameterStore(manager, false), new NDList(image), false)
            .get(0)
            .getShape();
    if (found.dimension() == 0 || found.get(0) != 1) {
      throw Problem.argument(
          "network is no classifier",
          "model '" + context.getModel().getName() + "', 1 image",
          "logits (batch, classes)",
          found,
          "put a block behind it that moves the images in front");
    }
  }

  @Override
  public NDList processInput(TranslatorContext context, Image image) {
    Image.Flag flag = input.channels() == 1 ? Image.Flag.GRAYSCALE : Image.Flag.COLOR;
    NDArray pixels = image.toNDArray(context.getNDManager(), flag);
    NDArray batch =
        pixels.toType(DataType.FLOAT32, false).div(255f).transpose(2, 0, 1).expandDims(0);
    return new NDList(ready(context, batch).squeeze(0));
  }

  private NDArray ready(TranslatorContext context, NDArray batch) {
    if (prompt == null) {
      return ImagePlacement.of(input).apply(batch);
    }
    ParameterStore store = new ParameterStore(context.getNDManager(), false);
    return PromptCheck.forward(prompt, store, batch, false);
  }

  @Override
  public Classifications processOutput(TranslatorContext context, NDList outputs) {
    NDArray logits = outputs.get(0).flatten().expandDims(0);
    if (assignment != null) {
      logits = assignment.apply(logits);
    }
    if (logits.size() != classes.size()) {
      throw Problem.argument(
          "class names do not fit the network",
          "PromptTranslator",
          logits.size() + " names, one for each output",
          classes.size(),
          "pass a name for each output, or a label mapping");
    }
    return ranked(classes, logits.softmax(1).toFloatArray());
  }

  /**
   * Classes by probability: the most probable first, equal ones in the order of the names.
   *
   * @param classes a name for each class
   * @param probabilities a number for each class
   * @throws IllegalStateException if one is not a number, as where the network's values are too
   *     large
   */
  public static Classifications ranked(List<String> classes, float[] probabilities) {
    Problem.givenEach(classes, "PromptTranslator.ranked", "classes");
    Problem.given(probabilities, "PromptTranslator.ranked", "probabilities");
    for (int i = 0; i < probabilities.length; i++) {
      if (Float.isNaN(probabilities[i])) {
        throw Problem.state(
            "answer is not a number",
            "class '" + classes.get(i) + "'",
            "a probability",
            probabilities[i],
            "look for values in network, prompt or image that are not finite, or far too large");
      }
    }
    List<String> names = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(Comparator.comparing((Integer t) -> -probabilities[t]))
        .forEach(
            t -> {
              names.add(classes.get(t));
              values.add((double) probabilities[t]);
            });
    return new Classifications(names, values);
  }
}
