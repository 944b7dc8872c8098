package org.vpns.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;
import org.vpns.predict.PrunedModel;

/** Loads the best sparse model of the quick start and reads a digit from a picture. */
public final class PredictDigit {
  private PredictDigit() {}

  /** Arguments, both optional: a digit such as {@code seven}, the folder of the quick start. */
  public static void main(String[] args) throws Exception {
    EngineSettings.apply();
    // README: predict
    String digit = args.length > 0 ? args[0] : "seven";
    Path folder = Path.of(args.length > 1 ? args[1] : "out/quickstart");
    Path picture = folder.resolve("digits").resolve(digit + ".png");
    try (PrunedModel pruned = PrunedModel.load(folder.resolve("best"));
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      System.out.println(predictor.predict(ImageFactory.getInstance().fromFile(picture)));
    }
    // README: end
  }
}
