package org.vpns.predict;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.SymbolBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.EngineCheck;
import org.vpns.internal.network.RemovedWeights;
import org.vpns.internal.text.ClassNames;
import org.vpns.io.FormatException;
import org.vpns.report.ChannelRecord;
import org.vpns.report.PruneReport;

/**
 * A pruned network with all that it needs to classify images: mask, prompt, label mapping, image
 * input, class names; and the report of how it came about. The network and its prompt are one
 * artefact: without the prompt it was trained with, accuracy falls.
 *
 * <p>Closing it closes the prompt; the model is the caller's, unless {@code load(folder)} made it.
 */
public final class PrunedModel implements AutoCloseable {
  private final Model model;
  private final MaskSet masks;
  private final ImageInput input;
  private final @Nullable VisualPrompt prompt;
  private final LabelAssignment mapping;
  private final List<String> classNames;
  private final ParameterFilter filter;
  private volatile PruneReport report;
  private final @Nullable Scores scores;
  private final NDManager promptManager;
  private final boolean ownsModel;
  private final Runtimes runtimes;

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
    this(
        model,
        masks,
        input,
        prompt,
        mapping,
        classNames,
        filter,
        report,
        scores,
        promptManager,
        false);
  }

  /** The same; {@code ownsModel} says whether the model is closed with this too. */
  PrunedModel(
      Model model,
      MaskSet masks,
      ImageInput input,
      @Nullable VisualPrompt prompt,
      LabelAssignment mapping,
      List<String> classNames,
      ParameterFilter filter,
      PruneReport report,
      @Nullable Scores scores,
      NDManager promptManager,
      boolean ownsModel) {
    Problem.given(model, "new PrunedModel", "model");
    Problem.given(masks, "new PrunedModel", "masks");
    Problem.given(input, "new PrunedModel", "input");
    Problem.given(mapping, "new PrunedModel", "mapping");
    Problem.given(filter, "new PrunedModel", "filter");
    Problem.given(report, "new PrunedModel", "report");
    Problem.given(promptManager, "new PrunedModel", "promptManager");
    this.model = model;
    this.masks = masks;
    this.input = input;
    this.prompt = prompt;
    this.mapping = mapping;
    this.classNames = ClassNames.require(classNames, "new PrunedModel", "classNames");
    this.filter = filter;
    this.report = report;
    this.scores = scores;
    this.promptManager = promptManager;
    this.ownsModel = ownsModel;
    this.runtimes = new Runtimes(model, input);
  }

  /**
   * Prunes a model by masks that are given, without any training, as {@link MaskSet#applyTo} does,
   * and makes a result of it: it predicts, and can be saved. Class {@code i} is the network's
   * output {@code i}. The model stays as it was if anything does not fit.
   *
   * @param input how the network wants its images
   * @param classNames one for each output, in their order; none blank, none twice
   * @throws IllegalArgumentException if masks, input or names do not fit the network
   * @throws IllegalStateException if the network has no weights yet
   */
  public static PrunedModel of(
      Model model, MaskSet masks, ImageInput input, List<String> classNames) {
    Problem.given(model, "PrunedModel.of", "model");
    Problem.given(masks, "PrunedModel.of", "masks");
    Problem.given(input, "PrunedModel.of", "input");
    ClassNames.require(classNames, "PrunedModel.of", "classNames");
    return GivenMasks.prune(model, masks, input, null, classNames);
  }

  /**
   * The same where classes are not the network's outputs one for one.
   *
   * @param mapping which outputs stand for which class
   * @param classNames one for each class; none blank, none twice
   * @throws IllegalArgumentException if masks, input, mapping or names do not fit the network
   * @throws IllegalStateException if the network has no weights yet
   */
  public static PrunedModel of(
      Model model,
      MaskSet masks,
      ImageInput input,
      LabelAssignment mapping,
      List<String> classNames) {
    Problem.given(model, "PrunedModel.of", "model");
    Problem.given(masks, "PrunedModel.of", "masks");
    Problem.given(input, "PrunedModel.of", "input");
    Problem.given(mapping, "PrunedModel.of", "mapping");
    ClassNames.require(classNames, "PrunedModel.of", "classNames");
    return GivenMasks.prune(model, masks, input, mapping, classNames);
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

  /** How it came about; after {@link #save} with the bytes of what was written. */
  public PruneReport report() {
    return report;
  }

  /**
   * Notes in the report that channels had left the network before the run that this is of, as
   * {@code ChannelPlan.toRecord} has them.
   */
  public void recordChannels(ChannelRecord channels) {
    report = report.channels(Problem.given(channels, "PrunedModel.recordChannels", "channels"));
  }

  /** The learned scores c, signed, that selected the mask; null if none were learned or stored. */
  public @Nullable Scores scores() {
    return scores;
  }

  /**
   * A predictor for images of any size: prompt, network, mapping, probabilities.
   *
   * @throws IllegalStateException if the engine computes wrongly on this machine ({@link
   *     EngineCheck}), or a run of another thread is changing the network; the latter when it
   *     predicts, too
   */
  public Predictor<Image, Classifications> newPredictor() {
    return newPredictor(Inference.ENGINE);
  }

  /**
   * A predictor for images of any size: prompt, network, mapping, probabilities. Where something
   * else than the engine is asked for, the first call makes the network ready for it, which takes
   * seconds; it is kept until this is closed. Later changes of the model's weights are not seen
   * there.
   *
   * @param inference what runs the network
   * @throws IllegalStateException as {@link #newPredictor()}
   */
  public Predictor<Image, Classifications> newPredictor(Inference inference) {
    Problem.given(inference, "PrunedModel.newPredictor", "inference");
    requireOpen("newPredictor");
    Problem.open(model);
    EngineCheck.require(model.getNDManager());
    PromptTranslator translator =
        prompt == null
            ? PromptTranslator.of(input, classNames)
            : PromptTranslator.of(prompt, classNames);
    Model running = modelFor(inference);
    return new OpenPredictor(
        running,
        translator.mapping(mapping).proven(),
        () -> {
          requireOpen("newPredictor, predict");
          if (running == model) { // others have weights of their own
            Problem.open(model);
          }
        });
  }

  private synchronized Model modelFor(Inference inference) {
    if (inference == Inference.ENGINE) {
      return model;
    }
    if (inference == Inference.SPARSE) {
      return runtimes.sparse();
    }
    Runtimes.Choice choice = runtimes.fastest();
    report = report.provenance("inference", choice.told());
    return choice.model();
  }

  /**
   * Writes the model into a folder: {@code weights.safetensors} with the kept weights alone (or
   * {@code network.pt} for a TorchScript module), {@code masks.vpns}, {@code prompt.safetensors},
   * {@code network.json} if a module on the class path can describe the network, {@code model.json}
   * (which says why if none can), {@code report.json}, and the pages that modules on the class path
   * draw ({@link org.vpns.spi.ReportPage}; vpns-study {@code report.html}). An existing folder's
   * files are replaced; if anything fails before all new ones are written, they stay as they were.
   *
   * @throws IllegalStateException if a removed weight of the model is not 0, no module on the class
   *     path could load the prompt again, two pages have one file name, or another run is writing
   *     the folder
   * @throws IOException if the folder cannot be written
   */
  public void save(Path folder) throws IOException {
    Problem.given(folder, "PrunedModel.save", "folder");
    requireOpen("save");
    report = ResultFolder.write(this, folder);
  }

  /**
   * Writes all parameters and statistics into one safetensors file by their dotted paths, as
   * PyTorch's {@code load_state_dict} takes them: dense, removed weights 0, a tied weight under
   * each of its paths.
   *
   * @throws IllegalStateException if the network is a TorchScript module, whose statistics cannot
   *     be seen, or a removed weight is not 0
   * @throws IOException if the file cannot be written
   */
  public void saveWeights(Path file) throws IOException {
    Problem.given(file, "PrunedModel.saveWeights", "file");
    requireOpen("saveWeights");
    if (model.getBlock() instanceof SymbolBlock) {
      throw Problem.state(
          "TorchScript module has statistics that cannot be seen",
          file.toString(),
          "a network made of blocks",
          "a module",
          "use network.pt of the folder that save writes");
    }
    RemovedWeights.requireZero(model, masks);
    StoredWeights.writeDense(ParameterPaths.of(model.getBlock()), file);
  }

  /**
   * Loads a folder with the network that it describes. Nothing in the folder is executed. Closing
   * the result closes its model.
   *
   * @throws FormatException if a file is damaged, or they are of two results
   * @throws IOException if a file is missing or cannot be read; if the folder does not describe its
   *     network, which is loaded into a model then; or if it holds a TorchScript module ({@link
   *     #loadTrusted(Path)})
   */
  public static PrunedModel load(Path folder) throws IOException {
    Problem.given(folder, "PrunedModel.load", "folder");
    return ResultFolder.read(folder, false);
  }

  /**
   * As {@link #load(Path)}, and also a folder with a TorchScript module. A module is a program: it
   * can read and write files when it runs, and it runs here. So load what you or those you trust
   * have written.
   *
   * @throws FormatException as {@link #load(Path)}
   * @throws IOException as {@link #load(Path)}, but for modules
   */
  public static PrunedModel loadTrusted(Path folder) throws IOException {
    Problem.given(folder, "PrunedModel.loadTrusted", "folder");
    return ResultFolder.read(folder, true);
  }

  /**
   * Loads a folder's weights into a model of the same architecture. The model's block must be
   * initialised; its weights are replaced, or left as they were if anything does not fit.
   *
   * @throws FormatException if a file is damaged, or they are of two results
   * @throws IOException if a file is missing or cannot be read, or if the folder holds a
   *     TorchScript module ({@link #loadTrusted(Path, Model)})
   * @throws IllegalArgumentException if the folder belongs to another architecture
   */
  public static PrunedModel load(Path folder, Model model) throws IOException {
    Problem.given(folder, "PrunedModel.load", "folder");
    Problem.given(model, "PrunedModel.load", "model");
    return ResultFolder.read(folder, Problem.open(model), false);
  }

  /**
   * As {@link #load(Path, Model)}, and also a folder with a TorchScript module, which runs: see
   * {@link #loadTrusted(Path)}. It brings the block itself: the model needs none, and one that it
   * has must be a module too.
   *
   * @throws FormatException as {@link #load(Path, Model)}
   * @throws IOException as {@link #load(Path, Model)}, but for modules
   * @throws IllegalArgumentException if the folder belongs to another architecture
   */
  public static PrunedModel loadTrusted(Path folder, Model model) throws IOException {
    Problem.given(folder, "PrunedModel.loadTrusted", "folder");
    Problem.given(model, "PrunedModel.loadTrusted", "model");
    return ResultFolder.read(folder, Problem.open(model), true);
  }

  /**
   * Such as {@code PrunedModel 'resnet20', 10 classes, no prompt: } and the {@linkplain
   * PruneReport#line line} of its report.
   */
  @Override
  public String toString() {
    return "PrunedModel '"
        + Problem.visible(model.getName())
        + "', "
        + classNames.size()
        + " classes, "
        + (prompt == null ? "no prompt" : "prompt " + prompt.kind())
        + ": "
        + report.line();
  }

  /** What is closed has no arrays any more, and the engine's own words for that name nothing. */
  private void requireOpen(String method) {
    if (!promptManager.isOpen()) { // which belongs to the model
      boolean own = ownsModel || model.getNDManager().isOpen();
      throw Problem.state(
          "use after close",
          "PrunedModel." + method,
          own ? "a pruned model that is open" : "a model '" + model.getName() + "' that is open",
          "one that was closed",
          "close it after its last use, or load the result again");
    }
  }

  @Override
  public synchronized void close() {
    runtimes.close();
    promptManager.close();
    if (ownsModel) {
      model.close();
    }
  }
}
