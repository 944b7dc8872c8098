package org.vpns.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.predict.PrunedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Loads the best sparse model of the quick start and reads a digit from a picture. */
@Command(
    name = "PredictDigit",
    description = "Reads a digit with the best sparse model of the quick start.")
public final class PredictDigit extends Program {
  @Parameters(
      arity = "0..2",
      paramLabel = "DIGIT FOLDER",
      description = "A digit in words (seven), and the folder of the quick start (out/quickstart).")
  private String[] args = {};

  /** Arguments: see {@code --help}. */
  public static void main(String[] args) {
    new PredictDigit().execute(args);
  }

  @Override
  public Integer call() throws IOException, TranslateException {
    // README: predict
    String digit = args.length > 0 ? args[0] : "seven";
    Path folder = Path.of(args.length > 1 ? args[1] : "out/quickstart");
    Path picture = folder.resolve("digits").resolve(digit + ".png");
    try (PrunedModel pruned = PrunedModel.load(folder.resolve("best"));
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      System.out.println(predictor.predict(ImageFactory.getInstance().fromFile(picture)));
    }
    // README: end
    return 0;
  }
}
