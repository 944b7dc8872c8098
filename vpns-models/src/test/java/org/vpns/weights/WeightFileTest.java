package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.io.TensorType;
import org.vpns.model.ResNets;
import org.vpns.testing.Fixtures;
import org.vpns.testing.SharedData;
import org.vpns.testing.TinyResNet;

/** Weights by name: what is saved comes back, and what does not fit is told. */
final class WeightFileTest extends TinyWeights {
  @Test
  void saveThenLoad_givesEveryValueBack() throws IOException {
    Path file = saved(2);
    WeightFile.load(model, file);
    try (Model other = PLAN.newModel("other", 2)) {
      assertThat(values(model.getBlock())).isEqualTo(values(other.getBlock())).isNotEqualTo(before);
    }
    assertThat(SafeTensors.read(file).names())
        .startsWith("conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean")
        .endsWith("layer1.0.downsample.1.running_var", "fc.weight", "fc.bias")
        .hasSize(22);
  }

  @Test
  void saveThenLoad_ofFloat64_keepsTheDigits() throws IOException {
    Path file = folder.resolve("double.safetensors");
    Block block = PLAN.block();
    try (NDManager manager = NDManager.newBaseManager()) {
      block.initialize(manager, DataType.FLOAT64, PLAN.inputShape());
      WeightFile.save(block, file, Map.of("seed", "3"));
      double[] saved = SafeTensors.read(file).doubles("fc.weight");
      assertThat(SafeTensors.read(file).type("fc.weight")).isEqualTo(TensorType.F64);
      assertThat(saved)
          .isEqualTo(
              java.util.Objects.requireNonNull(ParameterPaths.of(block).find("fc.weight"))
                  .parameter()
                  .getArray()
                  .toDoubleArray());
      WeightFile.load(block, file);
    }
    WeightFile.load(model, file);
    assertThat(WeightFile.open(file).metadata()).containsEntry("seed", "3");
  }

  @Test
  void load_withPrefix_needsItStripped() throws IOException {
    Path file = renamed(saved(2), name -> "module." + name);
    assertThatThrownBy(() -> WeightFile.load(model, file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("22 missing: conv1.weight, ")
        .hasMessageContaining("22 unexpected: module.conv1.weight (nearest: conv1.weight)")
        .hasMessageContaining("strip the prefix 'module.'");
    assertThat(values(model.getBlock())).isEqualTo(before);
    LoadReport report = WeightFile.open(file).stripPrefix("module.").into(model);
    assertThat(report.loaded()).hasSize(22);
    assertThat(values(model.getBlock())).isNotEqualTo(before);
  }

  @Test
  void load_ofOtherNames_needsThemRenamed() throws IOException {
    Path file = renamed(saved(2), name -> "net." + name.replace("conv1.", "conv.1."));
    WeightFile weights =
        WeightFile.open(file).stripPrefix("net.").rename("conv\\.(\\d)\\.", "conv$1.");
    assertThat(weights.into(model).loaded()).hasSize(22);
    assertThat(values(model.getBlock())).isEqualTo(valuesOf(saved(2)));
    assertThatThrownBy(() -> WeightFile.open(file).rename("conv[", ""))
        .hasMessageContaining("malformed expression: WeightFile.rename");
    assertThatThrownBy(() -> WeightFile.open(file).rename(".*", "x").into(model))
        .hasMessageContaining("names fall together");
  }

  @Test
  void load_ofAShardedSet_readsEveryFile() throws IOException {
    SafeTensors whole = SafeTensors.read(saved(2));
    SafeTensors.Builder[] parts = {SafeTensors.builder(), SafeTensors.builder()};
    StringBuilder map = new StringBuilder();
    for (String name : whole.names()) {
      int part = name.length() % 2;
      parts[part].putFloats(name, whole.shape(name), whole.floats(name));
      map.append(map.isEmpty() ? "" : ", ")
          .append("\"" + name + "\": \"part" + part + ".safetensors\"");
    }
    parts[0].write(folder.resolve("part0.safetensors"));
    parts[1].write(folder.resolve("part1.safetensors"));
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
    assertThat(WeightFile.open(index).into(model).loaded()).hasSize(22);
    assertThat(values(model.getBlock())).isEqualTo(valuesOf(saved(2)));
  }

  private Map<String, List<Float>> valuesOf(Path file) throws IOException {
    try (Model other = PLAN.newModel("other", 9)) {
      WeightFile.load(other, file);
      return values(other.getBlock());
    }
  }

  @Test
  void load_ofAnotherHead_needsSkip() throws IOException {
    Path file = folder.resolve("head.safetensors");
    try (Model other = PLAN.withClasses(9).newModel("other", 2)) {
      WeightFile.save(other, file);
    }
    assertThatThrownBy(() -> WeightFile.load(model, file))
        .hasMessageContaining(
            "2 of another shape or type: fc.weight (network (5, 6), file (9, 6)), fc.bias")
        .hasMessageContaining("the network is unchanged");
    assertThat(values(model.getBlock())).isEqualTo(before);
    assertThatThrownBy(() -> WeightFile.open(file).lenient().into(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another shape");
    LoadReport report = WeightFile.open(file).skip("fc\\..*").into(model);
    assertThat(report.skipped()).containsExactly("fc.weight", "fc.bias");
    assertThat(report.loaded()).hasSize(20);
    assertThat(values(model.getBlock()).get("fc.weight")).isEqualTo(before.get("fc.weight"));
    assertThat(values(model.getBlock()).get("conv1.weight"))
        .isNotEqualTo(before.get("conv1.weight"));
  }

  @Test
  void load_withMissingAndMisspeltNames_listsThemAndOffersTheNearest() throws IOException {
    Path file =
        renamed(
            saved(2),
            name ->
                name.equals("bn1.bias") ? "" : name.replace("layer1.0.conv2", "layer1.0.covn2"));
    assertThatThrownBy(() -> WeightFile.load(model, file))
        .hasMessageStartingWith("weights do not fit the network: " + file)
        .hasMessageContaining("2 missing: bn1.bias, layer1.0.conv2.weight;")
        .hasMessageContaining(
            "1 unexpected: layer1.0.covn2.weight (nearest: layer1.0.conv2.weight)");
    assertThat(values(model.getBlock())).isEqualTo(before);
    LoadReport report = WeightFile.open(file).lenient().into(model);
    assertThat(report.missing()).containsExactly("bn1.bias", "layer1.0.conv2.weight");
    assertThat(report.unexpected()).containsExactly("layer1.0.covn2.weight");
    assertThat(report.loaded()).hasSize(20);
  }

  @Test
  void load_ofACompletelyDifferentFile_isRefusedEvenLeniently() throws IOException {
    Path file = folder.resolve("strange.safetensors");
    SafeTensors.builder().putBytes("x", new byte[3]).write(file);
    assertThatThrownBy(() -> WeightFile.open(file).lenient().into(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no tensor with the name of a parameter");
  }

  @Test
  void load_ofIntegerTensors_isRefused() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      if (name.equals("bn1.bias")) {
        builder.putLongs(name, new Shape(4), new long[4]);
      } else {
        builder.putFloats(name, tensors.shape(name), tensors.floats(name));
      }
    }
    Path file = folder.resolve("integers.safetensors");
    builder.write(file);
    assertThatThrownBy(() -> WeightFile.load(model, file))
        .hasMessageContaining("bn1.bias (network float, file I64)");
    assertThat(values(model.getBlock())).isEqualTo(before);
  }

  @Test
  void load_ofATruncatedFile_changesNothing() throws IOException {
    Path file = saved(2);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> WeightFile.load(model, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(file.toString());
    assertThat(values(model.getBlock())).isEqualTo(before);
  }

  @Test
  void load_ofCountersOfBatchNorm_ignoresThem() throws IOException {
    // the fixture has its weights under 'model.' and images beside them
    Path file = Fixtures.copy("tinyresnet.safetensors", folder);
    try (Model tiny = TinyResNet.newModel()) {
      assertThatThrownBy(() -> WeightFile.open(file).stripPrefix("model.").into(tiny))
          .hasMessageContaining("2 unexpected: images, labels;");
      LoadReport report =
          WeightFile.open(file).stripPrefix("model.").skip("images|labels").into(tiny);
      assertThat(report.loaded()).hasSize(32);
    }
  }

  /** As PyTorch's windowed attention has them, which an ONNX file of it has as constants. */
  @Test
  void load_ofTablesOfPlaces_thatNoParameterIs_reportsThem() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      builder.putFloats(name, tensors.shape(name), tensors.floats(name));
    }
    String table = "layer1.0.relative_position_index";
    Path file = folder.resolve("table.safetensors");
    builder.putLongs(table, new Shape(2), new long[] {1, 0}).write(file);
    assertThat(WeightFile.open(file).into(model).unexpected()).containsExactly(table);
    assertThat(values(model.getBlock())).isNotEqualTo(before);
    Path misspelt = folder.resolve("misspelt.safetensors");
    builder.putFloats("layer1.0.table", new Shape(1), new float[1]).write(misspelt);
    assertThatThrownBy(() -> WeightFile.load(model, misspelt))
        .hasMessageContaining("2 unexpected: layer1.0.relative_position_index, layer1.0.table");
  }

  @Test
  void load_intoABlockWithoutValues_isRefused() throws IOException {
    Path file = saved(2);
    assertThatThrownBy(() -> WeightFile.load(PLAN.block(), file))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("initialise the block first");
    assertThatThrownBy(() -> WeightFile.save(PLAN.block(), file, Map.of()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> WeightFile.open(file).skip("(")).hasMessageContaining("malformed");
  }

  @Test
  void load_ofPublishedWeights_intoTheWrongDepth_listsWhatDiffers() throws IOException {
    Path file = SharedData.require("data/cifar10/resnet20.safetensors");
    assertThatThrownBy(() -> ResNets.cifar56().load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("180 missing: layer1.3.conv1.weight, ");
    assertThatThrownBy(() -> ResNets.cifar20().withClasses(100).load(file))
        .hasMessageContaining("linear.weight (network (100, 64), file (10, 64))");
  }
}
