package com.example.shop;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;
import org.vpns.predict.PrunedModel;

/** Classifies with a result that another program saved. */
public final class Serve {
  private Serve() {}

  /** The folder of the result, then that of the pictures, each named by its class. */
  public static void main(String[] args) throws Exception {
    try (PrunedModel loaded = PrunedModel.load(Path.of(args[0]));
        Predictor<Image, Classifications> predictor = loaded.newPredictor()) {
      for (String color : loaded.classNames()) {
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
