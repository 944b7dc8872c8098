package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
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
  void read_ofAFileOfPython2_givesItsTensors() throws IOException {
    byte[] file;
    try (InputStream in = TorchFileRealTest.class.getResourceAsStream("/lpips/alex.pth")) {
      file = Objects.requireNonNull(in).readAllBytes();
    }
    TorchFile torch = TorchFile.parse(file, "alex.pth");
    assertThat(torch.names().stream().map(name -> name + torch.shape(name)))
        .containsExactly(
            "lin0.model.1.weight(1, 64, 1, 1)",
            "lin1.model.1.weight(1, 192, 1, 1)",
            "lin2.model.1.weight(1, 384, 1, 1)",
            "lin3.model.1.weight(1, 256, 1, 1)",
            "lin4.model.1.weight(1, 256, 1, 1)");
    // read from the file's bytes with Python's own pickle module
    assertThat(torch.floats("lin0.model.1.weight")[0]).isEqualTo(0x1.fc6a88p-19f);
    assertThat(torch.floats("lin1.model.1.weight")[191]).isEqualTo(0x1.45c208p-1f);
    assertThat(torch.floats("lin2.model.1.weight")[383]).isEqualTo(0x1.2243aep-4f);
    assertThat(torch.floats("lin3.model.1.weight")[0]).isEqualTo(0x1.240ed6p-3f);
    assertThat(torch.floats("lin4.model.1.weight")[255]).isEqualTo(0x1.5a4748p-4f);
    // 256 sums of doubles in another order: far below 1e-12 of 20
    assertThat(Arrays.stream(torch.doubles("lin4.model.1.weight")).sum())
        .isEqualTo(20.317177099761324, Offset.offset(1e-12));
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
