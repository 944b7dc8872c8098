package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.io.TensorType;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxTranslator;
import org.vpns.predict.PromptFile;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.report.PruneReport;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;
import org.vpns.testing.SharedData;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * The guide "prune a network you already have": its code is compiled, and run on a real network.
 */
class GuideTest {
  private static final String GUIDE = "docs/prune-your-network.md";

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    assertThat(Snippets.blocks(GUIDE, "java"))
        .containsExactly(
            Snippets.region("test", "GuideExample.java", "weights"),
            Snippets.region("test", "GuideExample.java", "look"),
            Snippets.region("test", "GuideExample.java", "onnx"),
            Snippets.region("test", "GuideExample.java", "images"),
            Snippets.region("test", "GuideExample.java", "prune"),
            Snippets.region("test", "GuideExample.java", "names"),
            Snippets.region("test", "GuideExample.java", "prune only"),
            Snippets.region("test", "GuideExample.java", "table"),
            Snippets.region("test", "GuideExample.java", "predict"),
            Snippets.region("test", "GuideExample.java", "read"),
            Snippets.region("test", "GuideExample.java", "prompted"),
            Snippets.region("test", "GuideExample.java", "serve"));
  }

  @Test
  void links_toFiles_lead() throws Exception {
    assertThat(Snippets.links(GUIDE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }

  /** A folder per class with a lossless picture per image. */
  private static void pictures(ImageTable images, Path folder) throws Exception {
    for (int i = 0; i < images.size(); i++) {
      BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      float[] values = images.image(i);
      for (int p = 0; p < 1024; p++) {
        int red = Math.round(values[p] * 255);
        int green = Math.round(values[1024 + p] * 255);
        int blue = Math.round(values[2048 + p] * 255);
        picture.setRGB(p % 32, p / 32, red << 16 | green << 8 | blue);
      }
      Path file =
          folder
              .resolve(images.classNames().get(images.label(i)))
              .resolve(String.format(java.util.Locale.ROOT, "%04d.png", i));
      Files.createDirectories(file.getParent());
      ImageIO.write(picture, "png", new File(file.toString()));
    }
  }

  @Test
  void guide_onTheRealResNet20_fromFileToDeployedFile(@TempDir Path folder) throws Exception {
    Path weights = SharedData.require("data/cifar10/resnet20-12fca82f.th");
    List<String> names = CifarRecords.CIFAR10_CLASS_NAMES;
    Path records = SharedData.require("data/cifar10/train_7044.bin");
    ImageTable train = CifarRecords.read("train", names, List.of(records)).head(1_024);
    Path testRecords = SharedData.require("data/cifar10/test_761.bin");
    ImageTable test = CifarRecords.read("test", names, List.of(testRecords));
    pictures(train, folder.resolve("train"));
    pictures(test, folder.resolve("test"));

    assertThat(GuideExample.look(weights).type("module.conv1.weight")).isEqualTo(TensorType.F32);
    try (Model model = GuideExample.weights(weights)) {
      ImageSets images = GuideExample.images(model, folder);
      PruneReport report = GuideExample.prune(model, images, folder);
      assertThat(report.dense().plain()).isEqualTo(698);
      assertThat(GuideExample.read(folder).kept()).isEqualTo(53_668);
      // magnitude alone leaves 324 of 761 at this sparsity
      assertThat(report.tuned().plain()).isGreaterThan(600);
      LayerTable table = GuideExample.table(model);
      // 268,336 weights, of which 53,668 stay; 1,386 biases and numbers of batch norm
      assertThat(table.kept()).isEqualTo(53_668 + 1_386);
      assertThat(table.keptMacs()).isLessThan(table.macs() / 2);
    }
    try (Model model = GuideExample.weights(weights)) {
      GuideExample.pruneOnly(model, GuideExample.images(model, folder), folder);
    }
    try (PrunedModel untrained = PrunedModel.load(folder.resolve("untrained"))) {
      assertThat(untrained.masks().kept()).isEqualTo(268_336 / 2);
      assertThat(untrained.classNames()).isEqualTo(names.stream().sorted().toList());
    }
    Path picture = folder.resolve("test").resolve("ship");
    try (var files = Files.list(picture)) {
      for (Path file : files.sorted().limit(5).toList()) {
        Classifications here = GuideExample.predict(folder, file);
        Classifications there = GuideExample.serve(folder, file);
        assertThat(there.best().getClassName()).isEqualTo(here.best().getClassName());
        // folded batch norm and another engine: differences of rounding
        assertThat(there.best().getProbability())
            .isCloseTo(here.best().getProbability(), Offset.offset(1e-4));
      }
    }
    long dense = Files.size(SharedData.require("data/cifar10/resnet20.safetensors"));
    long sparse = Files.size(folder.resolve("result/weights.safetensors"));
    assertThat(sparse).isLessThan(dense / 3);
  }

  /** A prompt's file alone, before a network that it was not trained with. */
  @Test
  void guide_promptOfAResult_goesBeforeAnotherNetwork(@TempDir Path folder) throws Exception {
    ImageInput input = ImageInput.of(3, 32, 32).imageSize(24, 24);
    Files.createDirectories(folder.resolve("result"));
    try (Model model = ResNets.cifar20().newModel("other", 1)) {
      VisualPrompt prompt =
          Prompts.pad(4).create(model.getNDManager(), input, new Seeds(1).stream("prompt"));
      PromptFile.save(prompt, folder.resolve("result/prompt.safetensors"));
      List<String> names = CifarRecords.CIFAR10_CLASS_NAMES;
      Image picture = ImageFactory.getInstance().fromImage(new BufferedImage(40, 40, 1));
      try (Predictor<Image, Classifications> predictor =
          GuideExample.prompted(model, folder, names)) {
        assertThat(predictor.predict(picture).getClassNames())
            .containsExactlyInAnyOrderElementsOf(names);
      }
      GuideExample.names(model);
    }
  }

  @Test
  void guide_onnxFile_isRead() throws Exception {
    try (Model model = GuideExample.onnx(SharedData.require("data/cifar10/resnet20.onnx"))) {
      assertThat(GuideExample.table(model).macs()).isEqualTo(40_551_040);
    }
  }

  @Test
  void onnxFile_isPrunedAndWrittenBack(@TempDir Path folder) throws Exception {
    Path records = SharedData.require("data/cifar10/train_7044.bin");
    ImageTable images =
        CifarRecords.read("train", CifarRecords.CIFAR10_CLASS_NAMES, List.of(records)).head(128);
    Path file = folder.resolve("pruned.onnx");
    Path picture = folder.resolve("ship.png");
    try (Model model = Onnx.read(SharedData.require("data/cifar10/resnet20.onnx"))) {
      ImageSets splits = ImageSets.of(images.toDataset(model.getNDManager()), 10);
      // learned scores, then tuning: what a file's network must bear as any other
      Recipe recipe =
          Recipe.of(Pruners.hydra(), Sparsity.of(0.3))
              .input(ImageInput.of(3, 32, 32).imageNetNormalisation())
              .batchSize(32)
              .iterations(2, 2)
              .build();
      try (PrunedModel pruned = Trainer.of(recipe).fit(model, splits)) {
        assertThat(pruned.masks().kept()).isEqualTo(Sparsity.of(0.3).keep(268_336));
        Onnx.write(pruned, file);
        pictures(images.head(1), folder);
        try (var found = Files.walk(folder)) {
          Files.copy(
              found.filter(f -> f.toString().endsWith(".png")).findFirst().orElseThrow(), picture);
        }
        try (Predictor<Image, Classifications> here = pruned.newPredictor();
            Model served = Model.newInstance("served", "OnnxRuntime")) {
          served.load(file);
          Classifications expected = here.predict(ImageFactory.getInstance().fromFile(picture));
          try (Predictor<Image, Classifications> there =
              served.newPredictor(OnnxTranslator.of(file))) {
            Classifications found = there.predict(ImageFactory.getInstance().fromFile(picture));
            assertThat(found.best().getClassName()).isEqualTo(expected.best().getClassName());
            // another engine: differences of rounding
            assertThat(found.best().getProbability())
                .isCloseTo(expected.best().getProbability(), Offset.offset(1e-4));
          }
        }
      }
    }
    try (Model again = Onnx.read(file)) {
      long zeros =
          LayerTable.of(((GraphBlock) again.getBlock()).network()).layers().stream()
              .mapToLong(layer -> layer.parameters() - layer.kept())
              .sum();
      assertThat(zeros).isEqualTo(268_336 - Sparsity.of(0.3).keep(268_336));
    }
  }
}
