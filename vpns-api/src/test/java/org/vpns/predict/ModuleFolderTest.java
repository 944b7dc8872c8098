package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.vpns.predict.SavedResults.files;
import static org.vpns.predict.SavedResults.save;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.internal.network.ScriptModules;
import org.vpns.testing.Engines;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/** Results whose network is a TorchScript module, which is a program. */
final class ModuleFolderTest {
  private static final Shape INPUT = new Shape(16, 3, 32, 32);

  @TempDir Path folder;

  @Test
  void saveWeights_ofModule_isRefused() throws IOException {
    try (Model model = Model.newInstance("module")) {
      ScriptModules.load(Fixtures.copy("tinyresnet.pt", folder), model);
      MaskSet all =
          MaskSet.ones(ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()));
      try (PrunedModel pruned = SmallResult.with(model, all)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> pruned.saveWeights(folder.resolve("x.safetensors")))
            .withMessageContaining("network.pt");
      }
    }
  }

  /** A module is the network itself: its folder needs no description and no model. */
  @Test
  void load_ofModuleWithoutModel_predictsTheSame() throws IOException {
    Path result = folder.resolve("result");
    float[] expected;
    try (Model model = Model.newInstance("module")) {
      ScriptModules.load(Fixtures.copy("tinyresnet.pt", folder), model);
      Engines.evaluate(model.getBlock(), TinyResNet.plainInput(2), INPUT);
      try (PrunedModel pruned = SmallResult.prune(model, 0.5, 6)) {
        pruned.save(result);
        expected = Engines.evaluate(model.getBlock(), TinyResNet.plainInput(2), INPUT);
      }
    }
    assertThat(result.resolve("network.json")).doesNotExist();
    try (PrunedModel loaded = PrunedModel.loadTrusted(result)) {
      assertThat(Engines.evaluate(loaded.model().getBlock(), TinyResNet.plainInput(2), INPUT))
          .isEqualTo(expected);
    }
  }

  @Test
  void save_overAResultOfAnotherKind_leavesNoneOfItsFiles() throws IOException {
    Path result = save(folder, 0.5);
    Files.writeString(result.resolve("notes.txt"), "mine");
    try (Model model = Model.newInstance("module")) {
      ScriptModules.load(Fixtures.copy("tinyresnet.pt", folder), model);
      try (PrunedModel pruned = SmallResult.prune(model, 0.5, 6)) {
        pruned.save(result);
      }
    }
    assertThat(files(result).keySet())
        .isEqualTo(
            new java.util.TreeSet<>(
                List.of("masks.vpns", "model.json", "network.pt", "notes.txt", "report.json")));
    assertThat(result.resolve("notes.txt")).hasContent("mine");
  }

  /** As with blocks: whoever trains on without the mask is told when the result is saved. */
  @Test
  void save_ofModuleWhoseRemovedWeightsCameBack_isRefused() throws IOException {
    try (Model model = Model.newInstance("plain")) {
      ScriptModules.load(Fixtures.copy("plain.pt", folder), model);
      try (PrunedModel pruned = SmallResult.prune(model, 0.5, 6)) {
        NDArray weight = model.getBlock().getParameters().get("3.weight").getArray();
        float[] values = weight.toFloatArray();
        Mask mask = pruned.masks().get("3.weight");
        int removed = 0;
        while (mask.isKept(removed)) {
          removed++;
        }
        values[removed] = 0.25f;
        weight.set(values);
        assertThatIllegalStateException()
            .isThrownBy(() -> pruned.save(folder.resolve("result")))
            .withMessage(
                "weights and masks disagree: 3.weight["
                    + removed
                    + "]; expected 0.0, as the mask removes it, found 0.25; set removed weights to"
                    + " 0 before saving.");
        assertThat(folder.resolve("result")).doesNotExist();
      }
    }
  }

  /** The module of this result writes {@code escaped.bin} into the working directory. */
  @Test
  void load_ofModule_isRefusedUnlessItMayRun() throws IOException {
    Path result = folder.resolve("result");
    try (Model model = Model.newInstance("module")) {
      ScriptModules.load(Fixtures.copy("writes_a_file.pt", folder), model);
      try (PrunedModel pruned = SmallResult.prune(model, 0.5, 6)) {
        pruned.save(result);
      }
    }
    String message =
        "result folder holds code: "
            + result.resolve("network.pt")
            + "; expected a network that is data alone, found a TorchScript module, which can do"
            + " what any program can when it runs; load it with PrunedModel.loadTrusted if you"
            + " trust those who wrote it.";
    assertThatIOException().isThrownBy(() -> PrunedModel.load(result)).withMessage(message);
    try (Model model = Model.newInstance("fresh")) {
      assertThatIOException()
          .isThrownBy(() -> PrunedModel.load(result, model))
          .withMessage(message);
      assertThat(model.getBlock()).isNull();
    }
    assertThat(Path.of("escaped.bin")).doesNotExist();
  }

  /** A module beside a network that is data is not what {@code model.json} speaks of. */
  @Test
  void load_besideAModule_leavesItAlone() throws IOException {
    Path result = save(folder, 0.5);
    Files.write(result.resolve("network.pt"), Fixtures.bytes("writes_a_file.pt"));
    try (Model model = TinyResNet.newModel();
        PrunedModel loaded = PrunedModel.loadTrusted(result, model)) {
      assertThat(loaded.model().getBlock()).isSameAs(model.getBlock());
    }
    Files.delete(result.resolve("weights.safetensors"));
    try (Model model = TinyResNet.newModel()) {
      assertThatIOException()
          .isThrownBy(() -> PrunedModel.loadTrusted(result, model))
          .withMessageStartingWith(
              "result folder incomplete: " + result.resolve("weights.safetensors"));
    }
    assertThat(Path.of("escaped.bin")).doesNotExist();
  }

  /** Of two networks the one that is data counts where {@code model.json} speaks of neither. */
  @Test
  void load_ofOldFolderBesideAModule_leavesTheModuleAlone() throws IOException {
    Path result = save(folder, 0.5);
    Path description = result.resolve("model.json");
    String text = Files.readString(description);
    String old = text.replaceFirst(",\\s*\"network\": \\{[^}]*\\}", "");
    assertThat(old).isNotEqualTo(text).doesNotContain("network");
    Files.writeString(description, old);
    Files.write(result.resolve("network.pt"), Fixtures.bytes("writes_a_file.pt"));
    try (Model model = TinyResNet.newModel();
        PrunedModel loaded = PrunedModel.loadTrusted(result, model)) {
      assertThat(loaded.model().getBlock()).isSameAs(model.getBlock());
    }
    assertThat(Path.of("escaped.bin")).doesNotExist();
  }
}
