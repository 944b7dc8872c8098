package org.vpns.examples;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.graph.LayerTable;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.MaskFile;
import org.vpns.io.NamedTensors;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxTranslator;
import org.vpns.predict.PromptFile;
import org.vpns.predict.PromptTranslator;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.Pruners;
import org.vpns.report.Cost;
import org.vpns.report.EpochRecord;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.Progress;
import org.vpns.torch.TorchFile;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;
import org.vpns.weights.WeightFile;

/** The code of the guide "prune a network you already have", word for word. */
final class GuideExample {
  private GuideExample() {}

  static Model weights(Path file) throws IOException {
    // README: weights
    Model model = ResNets.cifar20().newModel("resnet20", 1);
    WeightFile.open(file).stripPrefix("module.").into(model);
    // README: end
    return model;
  }

  static NamedTensors look(Path file) throws IOException {
    // README: look
    NamedTensors tensors = TorchFile.read(file);
    for (String name : tensors.names()) {
      System.out.println(name + " " + tensors.type(name) + " " + tensors.shape(name));
    }
    // README: end
    return tensors;
  }

  static Model onnx(Path file) throws IOException {
    // README: onnx
    Model model = Onnx.read(file);
    // README: end
    return model;
  }

  static ImageSets images(Model model, Path folder) throws IOException {
    // README: images
    ImageTable train = ClassFolders.read(folder.resolve("train"), 3, 32, 32);
    ImageTable test = ClassFolders.read(folder.resolve("test"), 3, 32, 32, train.classNames());
    ImageSets images =
        ImageSets.of(train.toDataset(model.getNDManager()), train.classes())
            .test(test.toDataset(model.getNDManager()))
            .classNames(train.classNames());
    // README: end
    return images;
  }

  static PruneReport prune(Model model, ImageSets images, Path folder) throws IOException {
    // README: prune
    Recipe recipe =
        Recipe.of(Pruners.magnitude(), Sparsity.of(0.8))
            .input(ImageInput.of(3, 32, 32).imageNetNormalisation())
            .batchSize(64)
            .epochs(4) // of tuning
            .build();
    RunListener progress = Progress.console();
    try (PrunedModel pruned = Trainer.of(recipe).listener(progress).fit(model, images)) {
      System.out.println(pruned.report().summary());
      pruned.save(folder.resolve("result"));
      Onnx.export(pruned).foldBatchNorm().write(folder.resolve("resnet20.onnx"));
      // README: end
      return pruned.report();
    }
  }

  static void pruneOnly(Model model, ImageSets images, Path folder) throws IOException {
    // README: prune only
    ImageInput input = ImageInput.of(3, 32, 32).imageNetNormalisation();
    Recipe recipe = Recipe.of(Pruners.magnitude(), Sparsity.of(0.5)).input(input).build();
    MaskSet masks = Trainer.of(recipe).findMask(model, images);
    try (PrunedModel pruned = PrunedModel.of(model, masks, input, images.classNames())) {
      pruned.save(folder.resolve("untrained"));
    }
    // README: end
  }

  static void names(Model model) {
    // README: names
    for (NamedParameter parameter : ParameterPaths.of(model.getBlock())) {
      System.out.println(parameter.path() + " " + parameter.shape());
    }
    // README: end
  }

  static LayerTable table(Model model) {
    // README: table
    LayerTable table = LayerTable.of(BlockTracer.network(model.getBlock(), new Shape(3, 32, 32)));
    System.out.println(table);
    // README: end
    return table;
  }

  static Classifications predict(Path folder, Path picture) throws Exception {
    // README: predict
    try (PrunedModel pruned = PrunedModel.load(folder.resolve("result"));
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      return predictor.predict(ImageFactory.getInstance().fromFile(picture));
    }
    // README: end
  }

  static MaskSet read(Path folder) throws IOException {
    // README: read
    PruneReport report = PruneReport.read(folder.resolve("result/report.json"));
    for (LayerRecord layer : report.layers()) {
      System.out.println(layer.path() + " keeps " + layer.kept() + " of " + layer.size());
    }
    for (StageRecord stage : report.stages()) {
      Cost cost = stage.training();
      System.out.println(stage.name() + ": " + cost.gradientSteps() + " gradient steps");
      for (EpochRecord epoch : stage.epochs()) {
        System.out.println("  loss " + epoch.loss() + " in epoch " + epoch.epoch());
      }
    }
    MaskSet masks = MaskFile.read(folder.resolve("result/masks.vpns")).masks();
    // README: end
    return masks;
  }

  static Predictor<Image, Classifications> prompted(
      Model other, Path folder, List<String> classNames) throws IOException {
    // README: prompted
    VisualPrompt prompt =
        PromptFile.load(other.getNDManager(), folder.resolve("result/prompt.safetensors"));
    Predictor<Image, Classifications> predictor =
        other.newPredictor(PromptTranslator.of(prompt, classNames));
    // README: end
    return predictor;
  }

  static Classifications serve(Path folder, Path picture) throws Exception {
    // README: serve
    Path file = folder.resolve("resnet20.onnx");
    try (Model model = Model.newInstance("resnet20", "OnnxRuntime")) {
      model.load(file);
      try (Predictor<Image, Classifications> predictor =
          model.newPredictor(OnnxTranslator.of(file))) {
        return predictor.predict(ImageFactory.getInstance().fromFile(picture));
      }
    }
    // README: end
  }
}
