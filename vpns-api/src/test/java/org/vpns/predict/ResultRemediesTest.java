package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.MaskSet;
import org.vpns.io.MaskFile;
import org.vpns.testing.TinyResNet;

/** What refusals of result folders say to do, done; the result is the one that was saved. */
final class ResultRemediesTest {
  @TempDir Path folder;
  private Path result;
  private MaskSet masks;

  @BeforeEach
  void save() throws IOException {
    result = folder.resolve("result");
    masks = saveAgain(result, 3);
  }

  private static MaskSet saveAgain(Path to, long seed) throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 0.5, seed)) {
      pruned.save(to);
      return pruned.masks();
    }
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(String what, Path from) {
    return assertThatThrownBy(
            () -> {
              try (Model model = TinyResNet.newModel()) {
                PrunedModel.load(from, model).close();
              }
            })
        .hasMessageStartingWith(what + ": ")
        .hasMessageContaining("; expected ");
  }

  /** Also that the remedy is one: the thread stays interrupted until it is asked. */
  @Test
  void interruptedThread_isToldOf_andLoadsAndSavesAfterwards() throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 0.5, 3)) {
      Thread.currentThread().interrupt();
      assertRefused("file was not read to its end", result)
          .hasMessageContaining("expected a thread that reads on, found an interrupt of it;")
          .hasMessageEndingWith("read it again after Thread.interrupted(), which clears it.");
      assertThatThrownBy(() -> pruned.save(result))
          .hasMessageContaining("write it again after Thread.interrupted(), which clears it");
      assertThat(Thread.interrupted()).isTrue();
      assertLoads(result);
      pruned.save(result);
      assertLoads(result);
    } finally {
      Thread.interrupted();
    }
  }

  private void assertLoads(Path from) throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel loaded = PrunedModel.load(from, model)) {
      assertThat(loaded.masks()).isEqualTo(masks);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          model.json | result folder damaged | save the result again
          report.json | report cannot be read | save the result or the report again
          """)
  void damagedDescription_isRefused_andLoadsSavedAgain(String name, String what, String remedy)
      throws IOException {
    Files.writeString(result.resolve(name), "{\"format\": 1");
    assertRefused(what, result)
        .hasMessageContaining(name)
        .hasMessageEndingWith("; " + remedy + ".");
    saveAgain(result, 3);
    assertLoads(result);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.json", "masks.vpns", "weights.safetensors", "report.json"})
  void missingFile_isRefused_andAWholeFolderLoads(String name) throws IOException {
    Files.delete(result.resolve(name));
    assertRefused("result folder incomplete", result)
        .hasMessageEndingWith(
            "; pass a folder that PrunedModel.save wrote, or save the result again.");
    Path other = folder.resolve("other");
    saveAgain(other, 3);
    assertLoads(other);
    saveAgain(result, 3);
    assertLoads(result);
  }

  /** As caches of downloads keep files: elsewhere, with links to them. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void linkToOutside_isRefused_andACopyThatFollowsItLoads() throws Exception {
    Path elsewhere = folder.resolve("blob");
    Path masksFile = result.resolve("masks.vpns");
    Files.move(masksFile, elsewhere);
    Files.createSymbolicLink(masksFile, elsewhere);
    assertRefused("result folder leads elsewhere", result)
        .hasMessageContaining("found a link to outside; ")
        .hasMessageEndingWith(
            "; copy the files themselves into one folder (cp -rL follows links).");
    Path copy = folder.resolve("copy");
    Process process =
        new ProcessBuilder("cp", "-rL", result.toString(), copy.toString()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
    assertLoads(copy);
  }

  @Test
  void damagedMasks_areRefused_andLoadWrittenAgain() throws IOException {
    Path file = result.resolve("masks.vpns");
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    assertThatThrownBy(() -> MaskFile.read(file))
        .hasMessageStartingWith("checksum differs: ")
        .hasMessageEndingWith("; write or fetch the file again.");
    MaskFile.of(masks).write(file);
    assertLoads(result);
  }

  @Test
  void masksOfAnotherResult_areRefused_andTheOwnOnesLoad() throws IOException {
    Path other = folder.resolve("other");
    saveAgain(other, 4);
    Path file = result.resolve("masks.vpns");
    Path own = Files.move(file, folder.resolve("own.vpns"));
    Files.copy(other.resolve("masks.vpns"), file);
    assertRefused("weights and masks disagree", result)
        .hasMessageEndingWith("; use files of one result.");
    Files.delete(file);
    Files.move(own, file);
    assertLoads(result);
  }

  @Test
  void weightsOfAnotherType_areRefused_andACopyAsItWasWrittenLoads() throws IOException {
    Path file = result.resolve("weights.safetensors");
    Path copy = Files.copy(file, folder.resolve("copy"));
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, text.replace("F32", "U32"), StandardCharsets.ISO_8859_1);
    assertRefused("weight of another type", result)
        .hasMessageEndingWith("; take a copy of the folder as it was written.");
    Files.delete(file);
    Files.move(copy, file);
    assertLoads(result);
  }

  @Test
  void fileInPlaceOfAFolder_isRefused_andReadsAsTheRefusalSays() throws IOException {
    Path file = result.resolve("masks.vpns");
    assertRefused("file in place of a result folder", file)
        .hasMessageEndingWith("found a mask file of vpns; read it with MaskFile.read(file).");
    assertThat(MaskFile.read(file).masks()).isEqualTo(masks);
  }

  @Test
  void anotherArchitecture_isRefused_andTheOneThatWasPrunedLoads() throws IOException {
    try (Model model = Model.newInstance("other")) {
      SequentialBlock network = new SequentialBlock();
      network.add(Linear.builder().setUnits(2).build());
      network.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
      model.setBlock(network);
      assertThatThrownBy(() -> PrunedModel.load(result, model))
          .hasMessageStartingWith("network of another architecture: " + result + "; expected the 7")
          .hasMessageEndingWith("; make the architecture that was pruned.");
    }
    assertLoads(result);
  }

  @Test
  void resultWithoutDescription_isRefusedWithoutAModel_andLoadsIntoOne() throws IOException {
    Path description = result.resolve("model.json");
    String text = Files.readString(description);
    Files.writeString(description, text.replace("\"network\"", "\"noted\""));
    assertThatThrownBy(() -> PrunedModel.load(result))
        .hasMessageStartingWith("result folder does not describe its network: ")
        .hasMessageEndingWith(
            "; load it with PrunedModel.load(folder, model) into a model of the architecture that"
                + " was pruned.");
    assertLoads(result);
  }

  @Test
  void closedResult_isRefused_andLoadsAgain() throws IOException {
    try (Model model = TinyResNet.newModel()) {
      PrunedModel closed = PrunedModel.load(result, model);
      closed.close();
      assertThatThrownBy(closed::newPredictor)
          .hasMessageStartingWith("use after close: ")
          .hasMessageEndingWith("; close it after its last use, or load the result again.");
    }
    assertLoads(result);
  }
}
