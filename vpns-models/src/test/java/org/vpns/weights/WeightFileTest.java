package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.io.TensorType;
import org.vpns.model.ResNet;
import org.vpns.model.ResNets;
import org.vpns.testing.Fixtures;
import org.vpns.testing.SharedData;
import org.vpns.testing.TinyResNet;
import org.vpns.torch.TorchFile;

final class WeightFileTest {
  private static final ResNet PLAN =
      ResNet.builder("tiny").input(3, 8, 8).stem(4, 3, 1).stage(6, 1, 2).classes(5).build();

  @TempDir Path folder;
  private Model model;
  private Map<String, List<Float>> before;

  @BeforeEach
  void start() {
    model = PLAN.newModel("tiny", 1);
    before = values(model.getBlock());
  }

  @AfterEach
  void stop() {
    model.close();
  }

  private static Map<String, List<Float>> values(Block block) {
    Map<String, List<Float>> values = new TreeMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      float[] array = p.parameter().getArray().toType(DataType.FLOAT32, true).toFloatArray();
      values.put(p.path(), com.google.common.primitives.Floats.asList(array));
    }
    return values;
  }

  private Path saved(long seed) throws IOException {
    Path file = folder.resolve("seed" + seed + ".safetensors");
    try (Model other = PLAN.newModel("other", seed)) {
      WeightFile.save(other, file);
    }
    return file;
  }

  /** The saved file with every name changed, and names changed to nothing left out. */
  private Path renamed(Path file, java.util.function.UnaryOperator<String> change)
      throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      String other = change.apply(name);
      if (!other.isEmpty()) {
        builder.putFloats(other, tensors.shape(name), tensors.floats(name));
      }
    }
    Path result = folder.resolve("renamed.safetensors");
    builder.write(result);
    return result;
  }

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

  @Test
  void open_tellsTheFormatByContentNotByName() throws IOException {
    Path safe = folder.resolve("weights.pth");
    Files.copy(saved(2), safe);
    assertThat(WeightFile.open(safe).into(model).loaded()).hasSize(22);
    Path torch = folder.resolve("weights.safetensors");
    Files.write(torch, Fixtures.bytes("tinyresnet.pt"));
    try (Model tiny = TinyResNet.newModel()) {
      assertThat(WeightFile.open(torch).into(tiny).loaded()).hasSize(32);
    }
  }

  @Test
  void open_ofAFileOfNoKnownFormat_saysWhatItIs() throws IOException {
    Path file = folder.resolve("resnet18.safetensors");
    Files.writeString(
        file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 46807446\n");
    assertThatThrownBy(() -> WeightFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "no weight file: "
                + file
                + "; expected one of [safetensors, index of safetensors, PyTorch], found a Git LFS pointer; fetch the"
                + " content it points to: git lfs pull.");
    Files.writeString(file, "<html><title>Not found</title>");
    assertThatThrownBy(() -> WeightFile.open(file)).hasMessageContaining("a web page (HTML)");
    Files.write(file, new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    assertThatThrownBy(() -> WeightFile.open(file))
        .hasMessageContaining("found first bytes 00 01 02 03 04 05 06 07;");
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> WeightFile.open(file)).hasMessageContaining("an empty file");
  }

  @Test
  void intoByOrder_ofOtherNames_fillsByPositionAndTellsThePairs() throws IOException {
    int[] count = {0};
    Path file = renamed(saved(2), name -> "t" + count[0]++);
    LoadReport report = WeightFile.open(file).intoByOrder(model);
    assertThat(report.sources()).hasSize(22).containsEntry("bn1.running_var", "t4");
    assertThat(report.toString())
        .startsWith("22 loaded, 0 skipped, 0 missing, 0 unexpected\n  conv1.weight <- t0\n")
        .endsWith("\n  and 16 more under another name")
        .hasLineCount(8);
    try (Model other = PLAN.newModel("other", 2)) {
      assertThat(values(model.getBlock())).isEqualTo(values(other.getBlock()));
    }
  }

  @Test
  void intoByOrder_ofAnotherCountOrShape_isRefusedAndChangesNothing() throws IOException {
    Path shorter = renamed(saved(2), name -> name.equals("bn1.bias") ? "" : "x." + name);
    assertThatThrownBy(() -> WeightFile.open(shorter).intoByOrder(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("weights do not fit the network in order: " + shorter)
        .hasMessageContaining("22 parameters of the network, 21 tensors of the file; ")
        .hasMessageContaining("6: layer1.0.conv1.weight float (6, 4, 3, 3), x.layer1.0.bn1.weight")
        .hasMessageContaining("; ...; define the layers in the file's order");
    Path head = folder.resolve("head.safetensors");
    try (Model other = PLAN.withClasses(9).newModel("other", 2)) {
      WeightFile.save(other, head);
    }
    assertThatThrownBy(() -> WeightFile.open(head).intoByOrder(model))
        .hasMessageContaining(
            "found 2 differences: 21: fc.weight float (5, 6), fc.weight F32 (9, 6); 22: fc.bias");
    assertThatThrownBy(() -> WeightFile.open(head).lenient().intoByOrder(model))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("options exclude each other");
    assertThat(values(model.getBlock())).isEqualTo(before);
    LoadReport report = WeightFile.open(head).skip("fc\\..*").intoByOrder(model);
    assertThat(report.skipped()).containsExactly("fc.weight", "fc.bias");
    assertThat(report.loaded()).hasSize(20);
    assertThat(values(model.getBlock()).get("fc.weight")).isEqualTo(before.get("fc.weight"));
  }

  @Test
  void intoByOrder_ignoresCountersOfBatchNorm() throws IOException {
    Path file = Fixtures.copy("tinyresnet.pt", folder);
    try (Model tiny = TinyResNet.newModel()) {
      // the archive also holds 6 counters, which have no place in the network
      LoadReport report = WeightFile.open(file).intoByOrder(tiny);
      assertThat(report.sources()).hasSize(32);
      report.sources().forEach((path, tensor) -> assertThat(tensor).isEqualTo(path));
    }
  }

  private String refusal(WeightFile weights) {
    try {
      weights.into(model);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).endsWith("the network is unchanged.").hasSizeLessThan(2500);
      assertThat(values(model.getBlock())).isEqualTo(before);
      return e.getMessage();
    }
    throw new AssertionError("loaded");
  }

  @Test
  void refusal_ofAForgottenPrefix_saysTheCallThatLoads() throws IOException {
    WeightFile file = WeightFile.open(renamed(saved(2), name -> "module.net." + name));
    assertThat(refusal(file))
        .contains("; strip the prefix 'module.net.': WeightFile.open(file)")
        .contains(".stripPrefix(\"module.net.\").into(model).\n22 missing: ")
        .contains(" and 14 more;");
    assertThat(file.stripPrefix("module.net.").into(model).loaded()).hasSize(22);
  }

  @Test
  void refusal_ofAPrefixAndOtherTensors_saysTheCallThatLoads() throws IOException {
    WeightFile file =
        WeightFile.open(renamed(saved(2), name -> (name.startsWith("bn1.") ? "old." : "m.") + name))
            .rename("^old\\.", "x.");
    assertThat(refusal(file))
        .contains(
            "strip the prefix 'm.' and take what fits: WeightFile.open(file)"
                + ".rename(\"^old\\\\.\", \"x.\").stripPrefix(\"m.\").lenient().into(model).");
    assertThat(file.stripPrefix("m.").lenient().into(model).missing()).hasSize(4);
  }

  @Test
  void refusal_ofAnotherHead_saysTheCallThatLoads() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      if (name.startsWith("fc.")) {
        builder.putFloats(name, new Shape(1), new float[1]);
      } else {
        builder.putFloats(name, tensors.shape(name), tensors.floats(name));
      }
    }
    Path path = folder.resolve("head.safetensors");
    builder.write(path);
    WeightFile file = WeightFile.open(path);
    assertThat(refusal(file))
        .contains("leave out this layer: WeightFile.open(file).skip(\"fc\\\\..*\").into(model).");
    assertThat(file.skip("fc\\..*").into(model).skipped()).hasSize(2);
  }

  @Test
  void refusal_ofOtherNamesInTheSameOrder_saysTheCallThatLoads() throws IOException {
    int[] count = {0};
    WeightFile file = WeightFile.open(renamed(saved(2), name -> "t" + count[0]++));
    assertThat(refusal(file))
        .contains("the shapes fit in order: WeightFile.open(file).intoByOrder(model).");
    assertThat(file.intoByOrder(model).loaded()).hasSize(22);
  }

  @Test
  void open_ofSomethingElse_namesTheRightDoor() throws IOException {
    Path file = folder.resolve("net.pth");
    Files.write(file, new byte[] {8, 7, 0x12, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h'});
    assertThatThrownBy(() -> WeightFile.open(file))
        .hasMessageContaining("found an ONNX file; read network and weights with Onnx.read(file).");
    byte[] tar = new byte[1024];
    System.arraycopy("sys_info".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 8);
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    Files.write(file, tar);
    assertThatThrownBy(() -> WeightFile.open(file))
        .hasMessageContaining("found a tar archive, as the first versions of PyTorch wrote them;");
    assertThatThrownBy(() -> TorchFile.read(file)).hasMessageContaining("a tar archive");
    assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageContaining("a tar archive");
    Files.write(file, Fixtures.bytes("tinyresnet.pt"));
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("a zip archive, as PyTorch writes them; open it with WeightFile");
    assertThat(WeightFile.open(file)).isNotNull();
    Files.write(file, Fixtures.bytes("tinyresnet.safetensors"));
    assertThatThrownBy(() -> TorchFile.read(file))
        .hasMessageContaining("found a safetensors file; open it with WeightFile.open(file).");
    assertThat(WeightFile.open(file)).isNotNull();
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n");
    assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageContaining("git lfs pull");
    assertThatThrownBy(() -> TorchFile.read(file)).hasMessageContaining("git lfs pull");
  }

  @Test
  void open_ofAFolderOrOfNothing_saysWhatLiesThere() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("run"));
    Files.createFile(inner.resolve("best.pth"));
    for (ThrowingCallable open :
        List.<ThrowingCallable>of(
            () -> WeightFile.open(inner),
            () -> TorchFile.read(inner),
            () -> SafeTensors.read(inner))) {
      assertThatThrownBy(open)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("folder in place of a file: " + inner)
          .hasMessageContaining("found a folder with best.pth; pass the file inside");
    }
    Path missing = inner.resolve("gone").resolve("last.pth");
    for (ThrowingCallable open :
        List.<ThrowingCallable>of(
            () -> WeightFile.open(missing),
            () -> TorchFile.read(missing),
            () -> SafeTensors.read(missing))) {
      assertThatThrownBy(open)
          .isInstanceOf(NoSuchFileException.class)
          .hasMessageStartingWith("no such file: " + missing)
          .hasMessageContaining("found in " + inner + " only best.pth; check the path.");
    }
    for (int i = 0; i < 30; i++) {
      Files.createFile(inner.resolve("file" + i));
    }
    Files.createFile(inner.resolve("model.json"));
    assertThatThrownBy(() -> WeightFile.open(inner))
        .hasMessageStartingWith("result folder in place of a file: " + inner)
        .hasMessageContaining(" and 27 others; load it with PrunedModel.load(folder).");
  }
}
