package org.vpns.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.internal.io.InputFile;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;
import org.vpns.runtime.SparseModel;
import org.vpns.runtime.SparseRuntime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Classifies a picture with a saved result in the runtime that is faster here, and tells what the
 * sparse one takes. Start java with {@code --add-modules jdk.incubator.vector}.
 */
@Command(
    name = "ServeSparse",
    description = "Classifies a picture with a saved result, in the runtime that is faster here.")
public final class ServeSparse extends Program {
  @Parameters(index = "0", paramLabel = "FOLDER", description = "The result folder.")
  private Path folder = Path.of(".");

  @Parameters(index = "1", paramLabel = "PICTURE", description = "The picture.")
  private Path picture = Path.of(".");

  /** Arguments: see {@code --help}. */
  public static void main(String[] args) {
    new ServeSparse().execute(args);
  }

  @Override
  public Integer call() throws IOException, TranslateException {
    using(() -> InputFile.require(picture, "a picture"));
    if (SparseRuntime.missing().isEmpty()) {
      tell();
    }
    try (PrunedModel pruned = PrunedModel.load(folder);
        Predictor<Image, Classifications> predictor = pruned.newPredictor(Inference.AUTO)) {
      System.out.println(predictor.predict(ImageFactory.getInstance().fromFile(picture)));
    }
    return 0;
  }

  private void tell() throws IOException {
    try (SparseModel model = SparseRuntime.standard().load(folder)) {
      System.out.println(model + ": " + model.network().describe());
    }
  }
}
