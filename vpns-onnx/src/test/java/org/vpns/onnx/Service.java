package org.vpns.onnx;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;

/** A program as a service would run it, with ONNX Runtime alone: file, then images. */
public final class Service {
  private Service() {}

  /** Prints the engines, then class and probability of each image's classes. */
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    try (Model model = Model.newInstance("digits", "OnnxRuntime")) {
      model.load(file);
      try (Predictor<Image, Classifications> predictor =
          model.newPredictor(OnnxTranslator.of(file))) {
        for (int i = 1; i < args.length; i++) {
          Image image = ImageFactory.getInstance().fromFile(Path.of(args[i]));
          for (Classifications.Classification c : predictor.predict(image).items()) {
            System.out.println("result " + c.getProbability() + " " + c.getClassName());
          }
        }
      }
    }
    System.out.println("engines " + Engine.getAllEngines());
  }
}
