package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxTranslator;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.Pruners;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.StoredDataset;
import org.vpns.study.data.StoredImages;

/** Whatever reads a picture counts a pixel with the colour that is stored for it. */
class TransparencyTest {
  private static final int CLASSES = 10;

  @TempDir Path folder;

  /** The same colours behind any transparency: of every pixel 255, 0, 128, or another. */
  private Path picture(String name, int size, int alpha) throws IOException {
    BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
    Random colours = new Random(7);
    for (int i = 0; i < size * size; i++) {
      int opacity = alpha < 0 ? 17 * i & 0xff : alpha;
      picture.setRGB(i % size, i / size, opacity << 24 | colours.nextInt() & 0xffffff);
    }
    Path file = Files.createDirectories(folder.resolve(name)).resolve(size + ".png");
    ImageIO.write(picture, "png", file.toFile());
    return file;
  }

  private static Map<String, Double> answers(
      Predictor<Image, Classifications> predictor, Path picture) throws Exception {
    Map<String, Double> answers = new LinkedHashMap<>();
    predictor
        .predict(ImageFactory.getInstance().fromFile(picture))
        .items()
        .forEach(item -> answers.put(item.getClassName(), item.getProbability()));
    return answers;
  }

  /** Of the canvas's size and of another, in colour and grey, by all that classifies. */
  @Test
  void predictions_doNotDependOnTransparency() throws Exception {
    for (int channels : new int[] {1, 3}) {
      try (Model model = ResNets.cifar20().withInput(channels, 32, 32).newModel("resnet20", 7)) {
        MaskSet masks = Pruners.magnitude().findMask(model, Sparsity.of("0.5"), 7);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < CLASSES; i++) {
          names.add("class " + i);
        }
        Path onnx = folder.resolve("network.onnx");
        try (PrunedModel pruned =
            PrunedModel.of(model, masks, ImageInput.of(channels, 32, 32), names)) {
          Onnx.write(pruned, onnx);
          assertAlike(pruned.newPredictor());
          assertAlike(pruned.newPredictor(Inference.SPARSE));
        }
        try (Model exported = Model.newInstance("exported", "OnnxRuntime")) {
          exported.load(onnx);
          assertAlike(exported.newPredictor(OnnxTranslator.of(onnx)));
        }
      }
    }
  }

  private void assertAlike(Predictor<Image, Classifications> predictor) throws Exception {
    try (predictor) {
      for (int size : new int[] {32, 23}) {
        Map<String, Double> opaque = answers(predictor, picture("opaque", size, 255));
        assertThat(opaque).hasSize(CLASSES);
        for (int alpha : new int[] {0, 128, -1}) {
          assertThat(answers(predictor, picture("transparent", size, alpha))).isEqualTo(opaque);
        }
      }
    }
  }

  @Test
  void imagesThatAreRead_doNotDependOnTransparency() throws Exception {
    picture("train/a", 23, 255);
    picture("train/b", 23, -1);
    ImageTable table = ClassFolders.read(folder.resolve("train"), 3, 16, 16);
    assertThat(table.image(1)).isEqualTo(table.image(0));
    StoredDataset stored =
        StoredImages.classFolders(folder.resolve("train"))
            .toDataset(ImageTransform.colour().resize(16, 16));
    try (NDManager manager = NDManager.newBaseManager()) {
      List<float[]> read = new ArrayList<>();
      for (Batch batch : stored.getData(manager)) {
        try (batch) {
          NDArray images = batch.getData().singletonOrThrow();
          for (long i = 0; i < images.size(0); i++) {
            read.add(images.get(i).toFloatArray());
          }
        }
      }
      assertThat(read).hasSize(2);
      assertThat(read.get(1)).isEqualTo(read.get(0));
    }
  }
}
