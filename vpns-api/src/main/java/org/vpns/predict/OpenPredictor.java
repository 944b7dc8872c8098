package org.vpns.predict;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import java.util.List;
import org.vpns.Problem;

/** A predictor that says so when it, or the result that it came from, was closed. */
final class OpenPredictor extends Predictor<Image, Classifications> {
  private final Runnable requireResult;
  private volatile boolean closed;

  /**
   * As the model would make it.
   *
   * @param requireResult throws if the result was closed
   */
  OpenPredictor(
      Model model, Translator<Image, Classifications> translator, Runnable requireResult) {
    super(model, translator, model.getNDManager().getDevice(), false);
    this.requireResult = requireResult;
  }

  @Override
  public Classifications predict(Image image) throws TranslateException {
    return super.predict(Problem.given(image, "Predictor.predict", "image"));
  }

  /** One image comes here as well. */
  @Override
  public List<Classifications> batchPredict(List<Image> images) throws TranslateException {
    if (closed) {
      throw Problem.state(
          "use after close",
          "Predictor.predict",
          "a predictor that is open",
          "one that was closed",
          "close it after its last use");
    }
    requireResult.run();
    Problem.givenEach(images, "Predictor.batchPredict", "images");
    return super.batchPredict(images);
  }

  @Override
  public void close() {
    closed = true;
    super.close();
  }
}
