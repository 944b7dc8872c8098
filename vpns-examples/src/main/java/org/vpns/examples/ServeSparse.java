package org.vpns.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;
import org.vpns.runtime.SparseModel;
import org.vpns.runtime.SparseRuntime;

/**
 * Classifies a picture with a saved result in the runtime that is faster here, and tells what the
 * sparse one takes. Start java with {@code --add-modules jdk.incubator.vector}.
 */
public final class ServeSparse {
  private ServeSparse() {}

  /** Arguments: the result folder, the picture. */
  public static void main(String[] args) throws Exception {
    EngineSettings.apply();
    Path folder = Path.of(args[0]);
    if (SparseRuntime.missing().isEmpty()) {
      tell(folder);
    }
    try (PrunedModel pruned = PrunedModel.load(folder);
        Predictor<Image, Classifications> predictor = pruned.newPredictor(Inference.AUTO)) {
      System.out.println(predictor.predict(ImageFactory.getInstance().fromFile(Path.of(args[1]))));
    }
  }

  private static void tell(Path folder) throws IOException {
    try (SparseModel model = SparseRuntime.standard().load(folder)) {
      System.out.println(model + ": " + model.network().describe());
    }
  }
}
