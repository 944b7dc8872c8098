package org.vpns.runtime;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Problem;

/**
 * A saved result that {@link SparseRuntime#load(Path)} has made ready to classify images: network,
 * image input, prompt, label mapping and class names, without any engine. Any number of threads may
 * use it at once, each with a predictor of its own. Closing it closes its network.
 */
public final class SparseModel implements AutoCloseable {
  private final SparseNetwork network;
  private final ImageInput input;
  private final List<String> classNames;
  private final PlainTranslator translator;
  private final NumbersModel model;

  SparseModel(
      SparseNetwork network,
      ImageInput input,
      float @Nullable [] picture,
      LabelAssignment mapping,
      List<String> classNames) {
    this.network = network;
    this.input = input;
    this.classNames = List.copyOf(classNames);
    this.translator = new PlainTranslator(input, picture, mapping, classNames);
    this.model = new NumbersModel(network.block());
  }

  /**
   * The network alone. It takes images placed and normalised, with the prompt added if there is
   * one, and gives its logits, before the label mapping.
   */
  public SparseNetwork network() {
    return network;
  }

  /** How images are placed and normalised. */
  public ImageInput input() {
    return input;
  }

  /** Names of the classes. */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * A predictor for images of any size: prompt, network, mapping, probabilities, as {@code
   * PrunedModel.newPredictor()} gives them up to rounding.
   *
   * @throws IllegalStateException if this is closed
   */
  public Predictor<Image, Classifications> newPredictor() {
    if (network.isClosed()) {
      throw Problem.state(
          "use after close",
          "SparseModel.newPredictor",
          "a model that is open",
          "one that was closed",
          "close it after its last use, or load the result again");
    }
    return model.newPredictor(translator);
  }

  @Override
  public String toString() {
    return "SparseModel, " + classNames.size() + " classes: " + network;
  }

  @Override
  public void close() {
    network.close();
  }
}
