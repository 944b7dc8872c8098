package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.vpns.predict.SavedResults.files;
import static org.vpns.predict.SavedResults.parameters;
import static org.vpns.predict.SavedResults.save;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.io.SafeTensors;
import org.vpns.report.PruneReport;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/** Kept values alone in the file, everything back in the model; and what is refused. */
final class ResultFolderTest {
  @TempDir Path folder;

  @Test
  void save_thenLoad_givesEveryBitBack() throws IOException {
    for (double density : new double[] {0, 0.1, 0.5, 1}) {
      Path result = save(folder, density);
      try (Model model = TinyResNet.newModel();
          PrunedModel pruned = SmallResult.prune(model, density, 3);
          Model other = TinyResNet.newModel()) {
        other.getBlock().getParameters().values().forEach(p -> p.getArray().addi(1));
        try (PrunedModel loaded = PrunedModel.load(result, other)) {
          Map<String, float[]> found = parameters(loaded.model());
          parameters(model).forEach((path, v) -> assertThat(found.get(path)).isEqualTo(v));
          assertThat(loaded.masks()).isEqualTo(pruned.masks());
          assertThat(loaded.mapping().toString()).isEqualTo(pruned.mapping().toString());
          long weights = Files.size(result.resolve("weights.safetensors"));
          long removed = pruned.masks().size() - pruned.masks().kept();
          long saved = weights + Files.size(result.resolve("masks.vpns"));
          assertThat(loaded.report())
              .isEqualTo(pruned.report().bytes(weights + 4 * removed, saved));
          assertThat(loaded.classNames()).isEqualTo(SmallResult.NAMES);
        }
      }
    }
  }

  @Test
  void weights_ofMaskedTensors_areTheKeptValuesAlone() throws IOException {
    Path result = save(folder, 0.1);
    MaskSet masks = MaskFile.read(result.resolve("masks.vpns")).masks();
    SafeTensors stored = SafeTensors.read(result.resolve("weights.safetensors"));
    SafeTensors original = Fixtures.tinyresnet();
    assertThat(stored.metadata()).containsEntry("format", "vpns-packed").containsKey("packed");
    assertThat(stored.shape("bn1.running_var")).isEqualTo(new Shape(8));
    masks
        .asMap()
        .forEach(
            (path, mask) -> {
              float[] dense = original.floats("model." + path);
              float[] kept = stored.floats(path);
              assertThat(stored.shape(path)).isEqualTo(new Shape(mask.kept()));
              int next = 0;
              for (int i = 0; i < mask.size(); i++) {
                if (mask.isKept(i)) {
                  assertThat(kept[next++]).isEqualTo(dense[i]);
                }
              }
            });
  }

  /** Masks of equal counts, as another seed makes them layer by layer, must not be taken. */
  @Test
  void load_ofMasksThatKeepAsManyElsewhere_isRefused() throws IOException {
    Path result = save(folder, 0.5);
    Path file = result.resolve("masks.vpns");
    Map<String, Mask> reversed = new LinkedHashMap<>();
    MaskFile.read(file)
        .masks()
        .asMap()
        .forEach(
            (path, mask) ->
                reversed.put(path, Mask.of(mask.shape(), i -> mask.isKept(mask.size() - 1 - i))));
    MaskFile.of(MaskSet.of(reversed)).write(file);
    try (Model model = TinyResNet.newModel()) {
      assertThatIOException()
          .isThrownBy(() -> PrunedModel.load(result, model))
          .withMessageStartingWith("weights and masks disagree: ");
    }
  }

  @Test
  void load_ofTooFewKeptValues_isRefused() throws IOException {
    Path result = save(folder, 0.5);
    Path file = result.resolve("weights.safetensors");
    SafeTensors stored = SafeTensors.read(file);
    SafeTensors.Builder fewer = SafeTensors.builder();
    stored.metadata().forEach(fewer::metadata);
    for (String name : stored.names()) {
      float[] values = stored.floats(name);
      int length = values.length - (name.equals("fc.weight") ? 1 : 0);
      fewer.putFloats(
          name,
          length == values.length ? stored.shape(name) : new Shape(length),
          java.util.Arrays.copyOf(values, length));
    }
    fewer.write(file);
    try (Model model = TinyResNet.newModel()) {
      Map<String, float[]> before = parameters(model);
      assertThat(catchThrowable(() -> PrunedModel.load(result, model)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("weight of another shape: " + file + ", fc.weight; expected (");
      Map<String, float[]> after = parameters(model);
      before.forEach((path, values) -> assertThat(after.get(path)).isEqualTo(values));
    }
  }

  /** As many bytes, but whole numbers. */
  @Test
  void load_ofWeightsOfWholeNumbers_isRefused() throws IOException {
    Path result = save(folder, 0.5);
    Path file = result.resolve("weights.safetensors");
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, text.replace("F32", "U32"), StandardCharsets.ISO_8859_1);
    try (Model model = TinyResNet.newModel()) {
      assertThat(catchThrowable(() -> PrunedModel.load(result, model)))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("weight of another type: " + file)
          .hasMessageContaining("; expected floats, found U32; take a copy of the folder");
    }
  }

  @Test
  void load_ofDenseWeightsInTheNewFormat_isRefused() throws IOException {
    Path result = save(folder, 1);
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 1, 3)) {
      pruned.saveWeights(result.resolve("weights.safetensors"));
      assertThatIOException()
          .isThrownBy(() -> PrunedModel.load(result, model))
          .withMessageStartingWith("weights of another format: ");
    }
  }

  @Test
  void save_ofRemovedWeightThatIsNotZero_isRefusedAndLeavesTheOldResult() throws IOException {
    Path result = save(folder, 0.5);
    Map<String, byte[]> before = files(result);
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 0.5, 4)) {
      NDArray weight = ParameterPaths.of(model.getBlock()).find("fc.weight").parameter().getArray();
      weight.addi(1);
      assertThatIllegalStateException()
          .isThrownBy(() -> pruned.save(result))
          .withMessageStartingWith("weights and masks disagree: fc.weight[");
      Path dense = folder.resolve("dense.safetensors");
      assertThatIllegalStateException()
          .isThrownBy(() -> pruned.saveWeights(dense))
          .withMessageStartingWith("weights and masks disagree: fc.weight[");
      assertThat(dense).doesNotExist();
    }
    Map<String, byte[]> after = files(result);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((name, content) -> assertThat(after.get(name)).isEqualTo(content));
  }

  @Test
  void report_afterSave_tellsBytesBeforeAndAfter() throws IOException {
    Path dense = folder.resolve("dense.safetensors");
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 0.1, 5)) {
      assertThat(pruned.report().savedBytes()).isNull();
      assertThat(pruned.report().summary()).doesNotContain("bytes on disk");
      pruned.saveWeights(dense);
      pruned.save(folder.resolve("result"));
      PruneReport report = pruned.report();
      // what is said of the format in the file's head is another text in dense files
      assertThat(report.denseBytes()).isCloseTo(Files.size(dense), Offset.offset(512L));
      assertThat(report.savedBytes()).isLessThan(report.denseBytes() / 2);
      assertThat(report.summary())
          .containsPattern("bytes on disk: [\\d,]+ => [\\d,]+ \\([\\d.]+ %\\)\n");
    }
  }

  @Test
  void saveWeights_writesDenseTensorsForOthers() throws IOException {
    Path file = folder.resolve("dense.safetensors");
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 0.2, 5)) {
      pruned.saveWeights(file);
      SafeTensors dense = SafeTensors.read(file);
      Map<String, float[]> expected = parameters(model);
      assertThat(dense.names()).containsExactlyElementsOf(expected.keySet());
      assertThat(dense.metadata()).containsExactly(Map.entry("format", "pt"));
      expected.forEach((path, values) -> assertThat(dense.floats(path)).isEqualTo(values));
      assertThat(dense.shape("conv1.weight")).isEqualTo(new Shape(8, 3, 3, 3));
    }
  }

  /** {@code load_state_dict} wants every name. */
  @Test
  void saveWeights_ofALayerThatRunsTwice_writesBothPaths() throws IOException {
    Path file = folder.resolve("tied.safetensors");
    try (Model model = Model.newInstance("tied")) {
      Linear shared = Linear.builder().setUnits(2).optBias(false).build();
      SequentialBlock network = new SequentialBlock().add(shared).add(shared);
      network.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
      model.setBlock(network);
      MaskSet all = MaskSet.ones(ParameterPaths.of(network).prunable(ParameterFilter.weights()));
      try (PrunedModel pruned = SmallResult.with(model, all)) {
        pruned.saveWeights(file);
      }
      SafeTensors dense = SafeTensors.read(file);
      assertThat(dense.names()).containsExactly("0.weight", "1.weight");
      assertThat(dense.floats("1.weight")).isEqualTo(parameters(model).get("0.weight"));
    }
  }

  /** The system says of it that it is no directory, of a path that nobody has written. */
  @Test
  void load_belowAFile_namesTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "notes");
    assertThat(catchThrowable(() -> PrunedModel.load(file.resolve("results/best"))))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("file in place of a result folder: " + file + "; ");
  }

  @Test
  void load_ofDescriptionWithAHole_namesTheField() throws IOException {
    Path result = save(folder, 0.5);
    Path description = result.resolve("model.json");
    String text = Files.readString(description);
    assertHole(result, text.replaceFirst("\\[\\s+0\\s+\\]", "[null]"), "mapping[0][0]");
    assertHole(result, text.replaceFirst("\"ant\"", "null"), "classNames[0]");
    assertHole(result, text.replaceFirst("\"ant\"", "\" \""), "class name is blank");
    assertHole(result, text.replaceFirst("\"ant\"", "\"bee\""), "class name twice");
    assertHole(
        result,
        text.replaceFirst("\"ant\"", "\"\\\\u001b[31m\""),
        "class name with a control character, '\\u001b[31m' for class 0");
    assertHole(result, text.replaceFirst("\"mean\"", "\"meen\""), "input.mean");
    assertHole(result, text.replaceFirst("MEAN", "MEEN"), "reduction");
    assertHole(result, text.replaceFirst("\"mapping\"", "\"mappings\""), "mapping");
  }

  private static void assertHole(Path result, String text, String field) throws IOException {
    Path description = result.resolve("model.json");
    assertThat(text).isNotEqualTo(Files.readString(description));
    Files.writeString(description, text);
    try (Model model = TinyResNet.newModel()) {
      assertThat(catchThrowable(() -> PrunedModel.load(result, model)))
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("result folder damaged: " + description)
          .hasMessageContaining(field);
    }
  }

  /** A folder from a stranger must not have other files of this machine read. */
  @Test
  void load_ofALinkToOutside_isRefused_insideItIsFollowed() throws IOException {
    Path result = save(folder, 0.5);
    for (String name : files(result).keySet()) {
      if (name.endsWith(".html") || name.equals("network.json")) {
        continue; // for people; for those who have no model
      }
      Path file = result.resolve(name);
      Path outside = folder.resolve("outside-" + name);
      Files.move(file, outside);
      link(file, outside);
      try (Model model = TinyResNet.newModel()) {
        Map<String, float[]> before = parameters(model);
        assertThatIOException()
            .as(name)
            .isThrownBy(() -> PrunedModel.load(result, model))
            .withMessageStartingWith("result folder leads elsewhere: " + file + "; ");
        parameters(model).forEach((path, v) -> assertThat(before.get(path)).isEqualTo(v));
      }
      Files.delete(file);
      Files.move(outside, result.resolve("inside-" + name));
      link(file, result.resolve("inside-" + name));
    }
    try (Model model = TinyResNet.newModel()) {
      PrunedModel.load(result, model).close();
    }
    Path way = folder.resolve("way");
    link(way, result);
    try (Model model = TinyResNet.newModel()) {
      PrunedModel.load(way, model).close(); // the caller's own way to the folder
    }
  }

  private static void link(Path link, Path target) throws IOException {
    try {
      Files.createSymbolicLink(link, target);
    } catch (UnsupportedOperationException | IOException e) {
      abort(
          "this file system makes no symbolic links, so no result can lead elsewhere by one: " + e);
    }
  }
}
