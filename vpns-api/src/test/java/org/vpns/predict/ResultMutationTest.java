package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Seeds;
import org.vpns.internal.network.NetworkProvider;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.report.PruneReport;
import org.vpns.testing.AllocatedBytes;
import org.vpns.testing.Mutations;
import org.vpns.testing.Providers;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.TinyResNetProvider;

/** Damage to any file of a result folder: a refusal, or a result; never anything else. */
final class ResultMutationTest {
  private static final String[] FILES = {
    "model.json", "network.json", "masks.vpns", "weights.safetensors", "report.json"
  };

  @TempDir Path folder;
  private Path result;

  @BeforeEach
  void save() throws Exception {
    result = folder.resolve("result");
    Providers.with(
        () -> {
          try (Model model = TinyResNet.newModel();
              PrunedModel pruned = SmallResult.prune(model, 0.1, 21)) {
            pruned.save(result);
          }
          return result;
        },
        NetworkProvider.class,
        TinyResNetProvider.class);
  }

  /** An action on the folder; true if it refused. */
  private interface Reading {
    boolean refuses() throws Exception;
  }

  /** How often the reading refuses when one file, picked at random, is damaged. */
  private int refusedOf(int times, String stream, Reading reading, String... names)
      throws Exception {
    RandomGenerator random = new Seeds(20240604).stream(stream);
    int refused = 0;
    for (int i = 0; i < times; i++) {
      Path file = result.resolve(names[random.nextInt(names.length)]);
      byte[] whole = Files.readAllBytes(file);
      byte[] damaged = Mutations.mutate(whole, random);
      Files.write(file, damaged);
      try {
        refused += reading.refuses() ? 1 : 0;
      } catch (Exception e) {
        throw new AssertionError(
            "damage " + i + " of " + file + ": " + new String(damaged, "UTF-8"), e);
      }
      Files.write(file, whole);
    }
    return refused;
  }

  private boolean modelJsonRefuses() {
    try {
      assertThat(ResultDescription.read(result).classNames()).isNotNull();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private boolean reportJsonRefuses() {
    try {
      assertThat(PruneReport.read(result.resolve("report.json")).recipe()).isNotNull();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Into a model: another architecture is a possible answer too; the model stays as it was. */
  private boolean loadingRefuses(Model model) {
    Map<String, float[]> before = SavedResults.parameters(model);
    try {
      PrunedModel.load(result, model).close();
      return false;
    } catch (IOException | IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
      Map<String, float[]> after = SavedResults.parameters(model);
      before.forEach((path, values) -> assertThat(after.get(path)).isEqualTo(values));
      return true;
    }
  }

  private boolean loadingAloneRefuses() {
    try {
      PrunedModel.load(result).close();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void read_ofDamagedJson_refusesOrGivesADescription() throws Exception {
    // what passes: damage of names, numbers and blanks that leaves another description
    assertThat(refusedOf(1000, "model", this::modelJsonRefuses, "model.json")).isBetween(500, 990);
    assertThat(refusedOf(1000, "report", this::reportJsonRefuses, "report.json"))
        .isBetween(500, 990);
    // texts of 1 kB and their trees: 100 kB each on average
    assertThat(
            AllocatedBytes.during(
                () -> refusedOf(200, "memory", this::modelJsonRefuses, "model.json")))
        .isLessThan(200 * 100_000L);
  }

  @Test
  void load_ofDamagedFolder_refusesOrGivesAModel() throws Exception {
    try (Model model = TinyResNet.newModel()) {
      NDArray weight = model.getBlock().getParameters().get(0).getValue().getArray();
      // only weights have no checksum, and a few bits of the others mean nothing
      assertThat(refusedOf(500, "folder", () -> loadingRefuses(model), FILES)).isBetween(250, 495);
      assertThat(weight.isReleased()).isFalse();
    }
  }

  @Test
  void load_ofDamagedFolderWithoutModel_refusesOrGivesAModel() throws Exception {
    Providers.with(
        () ->
            assertThat(refusedOf(500, "alone", this::loadingAloneRefuses, FILES))
                .isBetween(300, 495),
        NetworkProvider.class,
        TinyResNetProvider.class);
  }
}
