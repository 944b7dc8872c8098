package com.example.shop;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.vpns.predict.PrunedModel;

/** Classifies with a result that another program saved. */
public final class Serve {
  private Serve() {}

  /** The folder of the result is the only argument. */
  public static void main(String[] args) throws Exception {
    try (PrunedModel loaded = PrunedModel.load(Path.of(args[0]));
        Predictor<Image, Classifications> predictor = loaded.newPredictor()) {
      String red = predictor.predict(picture(Color.RED)).best().getClassName();
      String blue = predictor.predict(picture(Color.BLUE)).best().getClassName();
      System.out.println(red + " " + blue);
      if (!red.equals("red") || !blue.equals("blue")) {
        throw new IllegalStateException("a red picture is " + red + ", a blue one " + blue);
      }
    }
    requireAbsent(
        "org.vpns.train.Trainer", "com.google.protobuf.Message", "me.tongfei.progressbar.ProgressBar");
    printClassPath();
  }

  private static Image picture(Color color) {
    BufferedImage picture = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, 20, 20);
    graphics.dispose();
    return ImageFactory.getInstance().fromImage(picture);
  }

  private static void requireAbsent(String... types) {
    for (String type : types) {
      try {
        Class.forName(type);
        throw new IllegalStateException("carried without need: " + type);
      } catch (ClassNotFoundException expected) {
        // as it should be
      }
    }
  }

  /** What this program carries, without engines: they are the same with or without vpns. */
  private static void printClassPath() throws IOException {
    long bytes = 0;
    int jars = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.endsWith(".jar") && !name.matches("(pytorch|onnxruntime|slf4j-simple).*")) {
        jars++;
        bytes += Files.size(Path.of(entry));
      }
    }
    System.out.printf(Locale.ROOT, "class path: %d jars, %.1f MB%n", jars, bytes / 1e6);
  }
}
