package com.example.shop;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;
import org.vpns.runtime.SparseModel;
import org.vpns.runtime.SparseNetwork;
import org.vpns.runtime.SparseRuntime;

/** Classifies with a result that another program saved, in Java alone. */
public final class ServeSparse {
  private ServeSparse() {}

  /** The folder of the result, then that of the pictures, each named by its class. */
  public static void main(String[] args) throws Exception {
    try (SparseModel model = SparseRuntime.standard().load(Path.of(args[0]));
        Predictor<Image, Classifications> predictor = model.newPredictor()) {
      SparseNetwork network = model.network();
      System.out.println(model + "; " + network.describe());
      for (String color : model.classNames()) {
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
