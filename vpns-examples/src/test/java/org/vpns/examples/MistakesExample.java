package org.vpns.examples;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.ArrayDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Sparsity;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.Pruners;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;
import org.vpns.weights.WeightFile;

/** What is wrong in the first hour, each as one would write it. */
final class MistakesExample {
  private MistakesExample() {}

  static void pixels(Model model, Recipe recipe, NDArray pixels, NDArray labels) {
    // README: pixels
    ArrayDataset bytes = // pixels of 0 to 255
        new ArrayDataset.Builder().setData(pixels).optLabels(labels).setSampling(64, false).build();
    Trainer.of(recipe).fit(model, ImageSets.of(bytes, 10));
    // README: end
  }

  static void size(Model model, ImageSets images, RunListener progress) {
    // README: size
    Recipe recipe = Recipe.of(Pruners.magnitude(), Sparsity.of(0.9)).build();
    Trainer.of(recipe).listener(progress).fit(model, images); // images of 32 x 32
    // README: end
  }

  static void classes(Path folder) throws IOException {
    // README: classes
    ImageTable train = ClassFolders.read(folder.resolve("train"), 3, 32, 32);
    ImageTable test = ClassFolders.read(folder.resolve("test"), 3, 32, 32, train.classNames());
    // README: end
    System.out.println(test);
  }

  static void path(Model model, ImageSets images) {
    // README: path
    Recipe recipe =
        Recipe.of(Pruners.magnitude(), Sparsity.of(0.9))
            .prunable(ParameterFilter.paths(List.of("layer1.0.conv1.weights")))
            .input(ImageInput.of(3, 32, 32))
            .build();
    Trainer.of(recipe).fit(model, images);
    // README: end
  }

  static void frozen(Model model, Recipe recipe, ImageSets images) {
    // README: frozen
    model.getBlock().freezeParameters(true);
    Trainer.of(recipe).fit(model, images);
    // README: end
  }

  static void masks(Model model, ImageSets images) {
    // README: masks
    MaskSet half = Pruners.magnitude().findMask(model, Sparsity.of(0.5), 7);
    Stage tune =
        Stage.builder("tune")
            .mask(MaskRule.given(half))
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.cosine(0.01))
            .pass(Pass.plain())
            .length(Length.epochs(1))
            .build();
    Recipe recipe =
        Recipe.of("given", Sparsity.of(0.9), tune).input(ImageInput.of(3, 32, 32)).build();
    Trainer.of(recipe).fit(model, images);
    // README: end
  }

  static void batch(Model model, ImageSets images) {
    // README: batch
    Recipe recipe =
        Recipe.of(Pruners.magnitude(), Sparsity.of(0.9))
            .input(ImageInput.of(3, 32, 32))
            .batchSize(1) // batch norm behind a linear layer
            .build();
    Trainer.of(recipe).fit(model, images);
    // README: end
  }

  static void two(Model model, Recipe recipe, ImageSets images) {
    // README: two
    Trainer.of(recipe).fit(model, images); // while another thread has a run under way
    // README: end
  }

  static void engine(Recipe recipe, ImageSets images) throws Exception {
    // README: engine
    try (Model model = Model.newInstance("resnet20", "OnnxRuntime")) {
      Trainer.of(recipe).fit(model, images);
    }
    // README: end
  }

  static void door(Path folder) throws IOException {
    // README: door
    Model model = Onnx.read(folder.resolve("resnet20.pth"));
    // README: end
    model.close();
  }

  static void prefix(Path folder) throws IOException {
    // README: prefix
    Model model = ResNets.cifar20().newModel("resnet20", 1);
    WeightFile.open(folder.resolve("resnet20.safetensors")).into(model);
    // README: end
  }

  static Predictor<Image, Classifications> closed(PrunedModel pruned) {
    // README: closed
    pruned.close();
    Predictor<Image, Classifications> predictor = pruned.newPredictor();
    // README: end
    return predictor;
  }

  static PrunedModel module(Path folder) throws IOException {
    // README: module
    PrunedModel pruned = PrunedModel.load(folder.resolve("result")); // with a TorchScript module
    // README: end
    return pruned;
  }

  static void folder(Model model, Recipe recipe, ImageSets images, Path folder) {
    // README: folder
    Path checkpoints = folder.resolve("notes.txt"); // a file
    Trainer.of(recipe).checkpoints(checkpoints).fit(model, images);
    // README: end
  }
}
