package com.example.shop;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;
import java.util.List;
import org.vpns.onnx.OnnxTranslator;

/** Classifies with a network that another program exported, on ONNX Runtime. */
public final class ServeOnnx {
  private ServeOnnx() {}

  /** The ONNX file, then the folder of the pictures, each named by its class. */
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    try (Model model = Model.newInstance("shop", "OnnxRuntime")) {
      model.load(file);
      try (Predictor<Image, Classifications> predictor =
          model.newPredictor(OnnxTranslator.of(file))) {
        for (String color : List.of("red", "blue")) {
          Image image = ImageFactory.getInstance().fromFile(Path.of(args[1], color + ".png"));
          String seen = predictor.predict(image).best().getClassName();
          System.out.println(color + ": " + seen);
          if (!seen.equals(color)) {
            throw new IllegalStateException("a " + color + " picture is " + seen);
          }
        }
      }
    }
  }
}
