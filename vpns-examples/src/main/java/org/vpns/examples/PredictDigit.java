package org.vpns.examples;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;
import org.vpns.model.ResNets;
import org.vpns.predict.PrunedModel;

/** Loads the best sparse model of the quick start and reads a digit from a picture. */
public final class PredictDigit {
  private PredictDigit() {}

  /** Optional arguments: folder of the quick start, name of the digit's picture. */
  public static void main(String[] args) throws Exception {
    EngineSettings.apply();
    Path folder = Path.of(args.length > 0 ? args[0] : "out/quickstart");
    String digit = args.length > 1 ? args[1] : "seven";
    System.out.println(predict(folder, digit));
  }

  static Classifications predict(Path folder, String digit) throws Exception {
    // README: predict
    try (Model model = ResNets.small().newModel("digits", 7);
        PrunedModel pruned = PrunedModel.load(folder.resolve("best"), model);
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      Path picture = folder.resolve("digits").resolve(digit + ".png");
      return predictor.predict(ImageFactory.getInstance().fromFile(picture));
    }
    // README: end
  }
}
