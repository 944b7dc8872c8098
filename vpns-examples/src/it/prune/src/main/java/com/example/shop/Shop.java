package com.example.shop;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.mapping.Mappings;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.plugin.NamedPruners;
import org.vpns.predict.PrunedModel;
import org.vpns.study.progress.Progress;
import org.vpns.train.Pruner;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** Prunes by a method of its own with a prompt of its own, saves, loads, predicts, exports. */
public final class Shop {
  private static final int SIDE = 16;

  private Shop() {}

  /** The folder for the result is the only argument. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Pruner own = NamedPruners.load().get("relative-magnitude");
    Recipe recipe =
        Recipe.of(own, Sparsity.of(0.9))
            .prompt(Corners.of(3))
            .mapping(Mappings.frequency())
            .input(ImageInput.of(3, SIDE, SIDE))
            .batchSize(16)
            .build();
    try (Model model = ResNets.cifar20().newModel("shop", 7)) {
      ImageSets images = images(model.getNDManager());
      RunListener progress = Progress.console();
      try (PrunedModel pruned = Trainer.of(recipe).listener(progress).fit(model, images)) {
        pruned.save(folder);
        Onnx.write(pruned, folder.resolve("shop.onnx"));
        require(pruned.masks().kept() == recipe.sparsity().keep(pruned.masks().size()), "kept");
      }
    }
    Path pictures = Files.createDirectories(folder.resolveSibling("pictures"));
    for (String color : List.of("red", "blue")) {
      ImageIO.write(picture(color), "png", pictures.resolve(color + ".png").toFile());
    }
    try (PrunedModel loaded = PrunedModel.load(folder);
        Predictor<Image, Classifications> predictor = loaded.newPredictor()) {
      Image image = ImageFactory.getInstance().fromFile(pictures.resolve("red.png"));
      Classifications seen = predictor.predict(image);
      System.out.println(seen);
      require(seen.items().size() == 2, "two classes");
    }
    for (String file : List.of("report.html", "report.json", "masks.vpns", "shop.onnx")) {
      require(Files.size(folder.resolve(file)) > 0, file);
    }
  }

  /** Red pictures and blue ones. */
  private static ImageSets images(NDManager manager) {
    int count = 64;
    float[] labels = new float[count];
    float[] pixels = new float[count * 3 * SIDE * SIDE];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
      int channel = i % 2 == 0 ? 0 : 2;
      for (int p = 0; p < SIDE * SIDE; p++) {
        pixels[(i * 3 + channel) * SIDE * SIDE + p] = 0.5f + (i * 31 + p * 17) % 50 / 100f;
      }
    }
    NDArray data = manager.create(pixels, new Shape(count, 3, SIDE, SIDE));
    NDArray classes = manager.create(labels).toType(DataType.INT64, false);
    ArrayDataset set =
        new ArrayDataset.Builder()
            .setData(data)
            .optLabels(classes)
            .setSampling(16, false)
            .build();
    return ImageSets.of(set, 2).test(set).classNames(List.of("red", "blue"));
  }

  private static BufferedImage picture(String color) {
    BufferedImage picture = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(color.equals("red") ? Color.RED : Color.BLUE);
    graphics.fillRect(0, 0, 20, 20);
    graphics.dispose();
    return picture;
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException("not as it should be: " + what);
    }
  }
}
