package org.vpns.onnx;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.image.ImagePlanes;
import org.vpns.internal.image.PixelResize;
import org.vpns.internal.predict.Softmax;
import org.vpns.io.FormatException;
import org.vpns.predict.PromptTranslator;

/**
 * Lets a DJL predictor run a file that {@link Onnx#write(org.vpns.predict.PrunedModel, Path)} made
 * on images of any size:
 *
 * <pre>{@code
 * try (Model model = Model.newInstance("digits", "OnnxRuntime")) {
 *   model.load(file);
 *   Predictor<Image, Classifications> predictor = model.newPredictor(OnnxTranslator.of(file));
 *   ...
 * }
 * }</pre>
 *
 * <p>All that is not in the file is done in Java, so that ONNX Runtime is the only engine needed:
 * an image, in colour or grey as the file asks, becomes numbers in [0, 1] and is resized as by
 * {@link org.vpns.predict.PrunedModel}; logits become probabilities. Classes come in the order of
 * their probability, the most probable first, equal ones in the order of the names. Immutable; safe
 * for several predictors at once.
 */
public final class OnnxTranslator implements Translator<Image, Classifications> {
  private final OnnxProperties properties;

  private OnnxTranslator(OnnxProperties properties) {
    this.properties = properties;
  }

  /**
   * The translator for a file. The network itself is not read.
   *
   * @throws FormatException if the file is damaged, or does not describe its images and classes
   * @throws IOException if it cannot be read
   */
  public static OnnxTranslator of(Path file) throws IOException {
    Problem.given(file, "OnnxTranslator.of", "file");
    return new OnnxTranslator(OnnxProperties.read(file));
  }

  /** Names of the classes. */
  public List<String> classNames() {
    return properties.classes();
  }

  /** No engine is there to stack images; a predictor runs them one by one. */
  @Override
  public @Nullable Batchifier getBatchifier() {
    return null;
  }

  @Override
  public NDList processInput(TranslatorContext context, Image image) {
    Problem.given(context, "OnnxTranslator.processInput", "context");
    Problem.given(image, "OnnxTranslator.processInput", "image");
    NDManager manager = context.getNDManager();
    int channels = properties.channels();
    float[] planes = ImagePlanes.of(image, manager, channels);
    int height = properties.height();
    int width = properties.width();
    float[] resized =
        PixelResize.resize(planes, channels, image.getHeight(), image.getWidth(), height, width);
    return new NDList(manager.create(resized, new Shape(1, channels, height, width)));
  }

  @Override
  public Classifications processOutput(TranslatorContext context, NDList outputs) {
    Problem.given(context, "OnnxTranslator.processOutput", "context");
    Problem.given(outputs, "OnnxTranslator.processOutput", "outputs");
    float[] result = outputs.get(0).toFloatArray();
    if (result.length != properties.classes().size()) {
      throw Problem.argument(
          "class names do not fit the file",
          "OnnxTranslator",
          properties.classes().size() + " outputs, one for each name",
          result.length,
          "make the translator of the file that the model was loaded from");
    }
    return PromptTranslator.ranked(
        properties.classes(), properties.probabilities() ? result : Softmax.of(result));
  }
}
