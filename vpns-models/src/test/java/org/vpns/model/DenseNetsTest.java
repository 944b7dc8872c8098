package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.SafeTensors;
import org.vpns.model.Networks.Expected;
import org.vpns.weights.WeightFile;

final class DenseNetsTest {
  private static DenseNet small() {
    return new DenseNet(new Frame("small", 3, 37, 46, 5), 6, 2, List.of(2, 3));
  }

  @Test
  void namesAndShapes_ofDensenet121_areTorchvisions() {
    Expected expected = new Expected();
    expected.weight("features.conv0", 64, 3, 7, 7).norm("features.norm0", 64);
    int width = 64;
    int[] layers = {6, 12, 24, 16};
    for (int b = 1; b <= 4; b++) {
      for (int i = 1; i <= layers[b - 1]; i++) {
        String layer = "features.denseblock" + b + ".denselayer" + i + ".";
        expected.norm(layer + "norm1", width).weight(layer + "conv1", 128, width, 1, 1);
        expected.norm(layer + "norm2", 128).weight(layer + "conv2", 32, 128, 3, 3);
        width += 32;
      }
      if (b < 4) {
        String transition = "features.transition" + b + ".";
        expected.norm(transition + "norm", width);
        expected.weight(transition + "conv", width / 2, width, 1, 1);
        width /= 2;
      }
    }
    expected.norm("features.norm5", 1024).weightAndBias("classifier", 1000, 1024);
    assertThat(Networks.namesAndShapes(DenseNets.densenet121())).isEqualTo(expected.list());
  }

  @Test
  void load_takesThePublishedNamesToo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new.safetensors");
    Path old = folder.resolve("old.safetensors");
    try (Model model = small().newModel("small", 3)) {
      WeightFile.save(model, file);
      SafeTensors tensors = SafeTensors.read(file);
      SafeTensors.Builder builder = SafeTensors.builder();
      for (String name : tensors.names()) {
        String published = name.replaceAll("(denselayer\\d+\\.(?:norm|conv))([12])\\.", "$1.$2.");
        builder.putFloats(published, tensors.shape(name), tensors.floats(name));
      }
      builder.write(old);
      assertThat(SafeTensors.read(old).names()).isNotEqualTo(tensors.names());
    }
    try (Model fromNew = small().load(file);
        Model fromOld = small().load(old)) {
      Networks.arrays(fromNew.getBlock())
          .forEach(
              (path, array) ->
                  assertThat(Networks.arrays(fromOld.getBlock()).get(path).toFloatArray())
                      .isEqualTo(array.toFloatArray()));
    }
  }

  @Test
  void logits_areThoseOfThePlainCalls() {
    PlainForward.assertSame(
        small(),
        (plain, image) -> {
          NDArray x = plain.conv(image, "features.conv0", 2, 3);
          x = PlainForward.relu(plain.norm(x, "features.norm0", 1e-5));
          x = PlainForward.maxPool(x, 3, 2, 1);
          x = denseBlock(plain, x, "features.denseblock1", 2);
          x = PlainForward.relu(plain.norm(x, "features.transition1.norm", 1e-5));
          x = plain.conv(x, "features.transition1.conv", 1, 0);
          Shape two = new Shape(2, 2);
          x = Pool.avgPool2d(x, two, two, new Shape(0, 0), false, true);
          x = denseBlock(plain, x, "features.denseblock2", 3);
          x = PlainForward.relu(plain.norm(x, "features.norm3", 1e-5));
          return plain.linear(PlainForward.average(x), "classifier");
        });
  }

  private static NDArray denseBlock(PlainForward plain, NDArray x, String name, int layers) {
    NDArray all = x;
    for (int i = 1; i <= layers; i++) {
      String layer = name + ".denselayer" + i + ".";
      NDArray y = PlainForward.relu(plain.norm(all, layer + "norm1", 1e-5));
      y = plain.conv(y, layer + "conv1", 1, 0);
      y = PlainForward.relu(plain.norm(y, layer + "norm2", 1e-5));
      all = all.concat(plain.conv(y, layer + "conv2", 1, 1), 1);
    }
    return all;
  }

  @Test
  void backward_reachesEveryParameter() {
    Gradients.assertEverywhere(small());
  }

  @Test
  void withClassesAndInput_changeOnlyThose() {
    NetworkPlan plan = DenseNets.densenet121().withClasses(10).withInput(1, 29, 64);
    assertThat(plan).hasToString("densenet121, 1 x 29 x 64 to 10 classes");
    List<String> changed = Networks.namesAndShapes(plan);
    List<String> usual = Networks.namesAndShapes(DenseNets.densenet121());
    assertThat(changed).hasSameSizeAs(usual).startsWith("features.conv0.weight (64, 1, 7, 7)");
    assertThat(changed).endsWith("classifier.weight (10, 1024)", "classifier.bias (10)");
    assertThat(changed.subList(1, changed.size() - 2))
        .isEqualTo(usual.subList(1, usual.size() - 2));
  }

  @Test
  void smallestImages_leaveOnePixel_andSmallerOnesAreRefused() {
    DenseNet plan = new DenseNet(new Frame("four", 3, 29, 29, 5), 4, 2, List.of(1, 1, 1, 1));
    PlanRuns.assertRuns(plan);
    assertThatThrownBy(() -> DenseNets.densenet121().withInput(3, 28, 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "input too small: densenet121; expected images of at least 29 x 29, found 28 x 32;");
    assertThatThrownBy(() -> DenseNets.densenet121().withClasses(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("classes out of range: densenet121; expected at least 1, found -1");
  }

  @Test
  void load_ofAnotherNetworksWeights_isRefusedByName(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("other.safetensors");
    try (var model = new DenseNet(small().frame(), 6, 2, List.of(3, 3)).newModel("other", 1)) {
      WeightFile.save(model, file);
    }
    assertThatThrownBy(() -> small().load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weights do not fit the network")
        .hasMessageContaining("10 unexpected: features.denseblock1.denselayer3.norm1.weight")
        .hasMessageContaining("features.transition1.conv.weight (network (5, 10, 1, 1), file");
  }

  @Test
  void load_ofItsOwnWeights_restoresThem(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("same.safetensors");
    try (var model = small().newModel("first", 1)) {
      WeightFile.save(model, file);
      try (var loaded = small().load(file)) {
        assertThat(loaded.getName()).isEqualTo("small");
        assertThat(PlanRuns.logits(small(), loaded)).isEqualTo(PlanRuns.logits(small(), model));
      }
    }
  }
}
