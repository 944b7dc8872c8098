package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;
import org.vpns.io.TensorType;
import org.vpns.model.ResNets;
import org.vpns.testing.Fixtures;
import org.vpns.testing.SharedData;
import org.vpns.testing.TinyResNet;
import org.vpns.weights.LoadReport;
import org.vpns.weights.WeightFile;

/** Files that PyTorch itself wrote. */
final class TorchFileRealTest {
  @TempDir Path folder;

  @Test
  void read_ofATorchScriptArchive_givesEveryTensorOfTheModule() throws IOException {
    TorchFile script = TorchFile.read(Fixtures.copy("tinyresnet.pt", folder));
    SafeTensors expected = Fixtures.tinyresnet();
    List<String> names =
        expected.names().stream().filter(name -> name.startsWith("model.")).toList();
    assertThat(script.names())
        .containsExactlyInAnyOrderElementsOf(
            names.stream().map(name -> name.substring("model.".length())).toList());
    assertThat(script.names().get(0)).isEqualTo("conv1.weight");
    for (String name : names) {
      String own = name.substring("model.".length());
      assertThat(script.shape(own)).as(own).isEqualTo(expected.shape(name));
      assertThat(script.type(own)).as(own).isEqualTo(expected.type(name));
      if (script.type(own).isFloat()) {
        assertThat(script.floats(own)).as(own).isEqualTo(expected.floats(name));
      } else {
        assertThat(script.longs(own)).as(own).isEqualTo(expected.longs(name));
      }
    }
  }

  @Test
  void load_ofATorchScriptArchive_fillsABlockOfTheSameNames() throws IOException {
    Path file = Fixtures.copy("tinyresnet.pt", folder);
    try (Model model = TinyResNet.newModel()) {
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        p.parameter().getArray().set(new float[(int) p.shape().size()]);
      }
      assertThat(WeightFile.open(file).into(model).loaded()).hasSize(32);
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        assertThat(p.parameter().getArray().toFloatArray())
            .as(p.path())
            .isEqualTo(Fixtures.tinyresnet().floats("model." + p.path()));
      }
    }
  }

  @Test
  void load_ofAPublishedCheckpoint_equalsItsTensorsValueForValue() throws IOException {
    Path file = SharedData.require("data/cifar10/resnet20-12fca82f.th");
    SafeTensors expected =
        SafeTensors.read(SharedData.require("data/cifar10/resnet20.safetensors"));
    TorchFile torch = TorchFile.read(file);
    assertThat(torch.names())
        .containsExactlyElementsOf(
            expected.names().stream().map(name -> "module." + name).toList());
    // the accuracy that the authors stored beside the weights
    assertThat(torch.metadata()).containsOnlyKeys("best_prec1");
    assertThat(torch.metadata().get("best_prec1")).startsWith("91.78");
    try (Model model = ResNets.cifar20().newModel("resnet20", 1)) {
      LoadReport report = WeightFile.open(file).stripPrefix("module.").into(model);
      assertThat(report.loaded()).hasSize(97);
      assertThat(report.sources()).containsEntry("conv1.weight", "module.conv1.weight");
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        assertThat(torch.type("module." + p.path())).isEqualTo(TensorType.F32);
        assertThat(p.parameter().getArray().toFloatArray())
            .as(p.path())
            .isEqualTo(expected.floats(p.path()));
      }
    }
  }

  @Test
  void intoByOrder_ofAPublishedCheckpoint_pairsTheSameTensorsWithoutTheirNames()
      throws IOException {
    Path file = SharedData.require("data/cifar10/resnet20-12fca82f.th");
    try (Model model = ResNets.cifar20().newModel("resnet20", 1)) {
      LoadReport report = WeightFile.open(file).intoByOrder(model);
      assertThat(report.sources()).hasSize(97);
      report
          .sources()
          .forEach((parameter, tensor) -> assertThat(tensor).isEqualTo("module." + parameter));
    }
  }
}
