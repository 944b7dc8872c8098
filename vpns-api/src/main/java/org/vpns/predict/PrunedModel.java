package org.vpns.predict;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.report.PruneReport;

/**
 * A pruned network with all that it needs to classify images: mask, prompt, label mapping, image
 * input, class names; and the report of how it came about. The network and its prompt are one
 * artefact: without the prompt it was trained with, accuracy falls.
 *
 * <p>Closing it closes the prompt; the model is the caller's.
 */
public final class PrunedModel implements AutoCloseable {
  private final Model model;
  private final MaskSet masks;
  private final ImageInput input;
  private final @Nullable VisualPrompt prompt;
  private final LabelAssignment mapping;
  private final List<String> classNames;
  private final ParameterFilter filter;
  private final PruneReport report;
  private final @Nullable Scores scores;
  private final NDManager promptManager;

  /** Puts the parts together; {@code promptManager} is closed with this. */
  public PrunedModel(
      Model model,
      MaskSet masks,
      ImageInput input,
      @Nullable VisualPrompt prompt,
      LabelAssignment mapping,
      List<String> classNames,
      ParameterFilter filter,
      PruneReport report,
      @Nullable Scores scores,
      NDManager promptManager) {
    this.model = model;
    this.masks = masks;
    this.input = input;
    this.prompt = prompt;
    this.mapping = mapping;
    this.classNames = List.copyOf(classNames);
    this.filter = filter;
    this.report = report;
    this.scores = scores;
    this.promptManager = promptManager;
  }

  /** The model; removed weights are 0.0. */
  public Model model() {
    return model;
  }

  /** The mask. */
  public MaskSet masks() {
    return masks;
  }

  /** How images are placed and normalised. */
  public ImageInput input() {
    return input;
  }

  /** The learned prompt, or null. */
  public @Nullable VisualPrompt prompt() {
    return prompt;
  }

  /** Which source logit stands for which class. */
  public LabelAssignment mapping() {
    return mapping;
  }

  /** Names of the classes. */
  public List<String> classNames() {
    return classNames;
  }

  /** Which parameters were prunable. */
  public ParameterFilter filter() {
    return filter;
  }

  /** How it came about. */
  public PruneReport report() {
    return report;
  }

  /** The learned scores c, signed, that selected the mask; null if none were learned or stored. */
  public @Nullable Scores scores() {
    return scores;
  }

  /** A predictor for images of any size: prompt, network, mapping, probabilities. */
  public Predictor<Image, Classifications> newPredictor() {
    PromptTranslator translator =
        prompt == null
            ? PromptTranslator.of(input, classNames)
            : PromptTranslator.of(prompt, classNames);
    return model.newPredictor(translator.mapping(mapping));
  }

  /**
   * Writes the model into a folder: {@code weights.safetensors} (or {@code network.pt} for a
   * TorchScript module), {@code masks.vpns}, {@code prompt.safetensors}, {@code model.json}, {@code
   * report.json} and {@code report.html}.
   *
   * @throws IOException if the folder cannot be written
   */
  public void save(Path folder) throws IOException {
    ResultFolder.write(this, folder);
  }

  /**
   * Loads a folder's weights into a model of the same architecture. The model's block must be
   * initialised; its weights are replaced, or left as they were if anything does not fit. A folder
   * with a TorchScript module brings the block itself: the model needs none, and one that it has
   * must be a module too.
   *
   * @throws IOException if a file is missing or damaged
   * @throws IllegalArgumentException if the folder belongs to another architecture
   */
  public static PrunedModel load(Path folder, Model model) throws IOException {
    return ResultFolder.read(folder, model);
  }

  @Override
  public void close() {
    promptManager.close();
  }
}
