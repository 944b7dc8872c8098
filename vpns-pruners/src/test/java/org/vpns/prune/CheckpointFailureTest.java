package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.image.Augmentation;
import org.vpns.internal.network.NetworkState;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;
import org.vpns.train.DataOrder;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Checkpoints that do not fit or are damaged: told in one message, model and file untouched. */
final class CheckpointFailureTest {
  private static final String FILE = "checkpoint.safetensors";

  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();
  private final Model model = FixtureRuns.block();
  private final Untouched before = Untouched.of(model);
  private Path file;

  /** A run of 6 iterations, cut after its checkpoint in the middle of the first epoch. */
  @BeforeEach
  void cutRun() {
    file = folder.resolve("run").resolve(FILE);
    Throwable cut =
        catchThrowable(
            () ->
                trainer(recipe().build())
                    .checkpointEvery(2)
                    .listener(new Cut(5))
                    .fit(model, SmallRuns.splits(manager)));
    assertThat(cut).hasMessage(Cut.MESSAGE);
    assertThat(file).exists();
    before.assertStill(model);
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private Trainer trainer(Recipe recipe) {
    return Trainer.of(recipe).checkpoints(folder.resolve("run"));
  }

  private static Recipe.Builder recipe() {
    return Recipe.of(
            Pruners.vpns()
                .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                .lengths(Length.iterations(4), Length.iterations(2)),
            Sparsity.of("0.8"))
        .prompt(Prompts.pad(4))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH);
  }

  private Throwable refuse(Recipe recipe, ImageSets splits) throws IOException {
    byte[] content = Files.readAllBytes(file);
    Throwable failure =
        catchThrowable(() -> trainer(recipe).checkpointEvery(2).resume().fit(model, splits));
    assertThat(failure).isNotNull();
    Untouched.assertForm(failure);
    before.assertStill(model);
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    return failure;
  }

  private void assertOther(Recipe recipe, ImageSets splits, String option) throws IOException {
    assertThat(refuse(recipe, splits))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("checkpoint of another run: " + file + ", " + option + "; ");
  }

  @Test
  void resume_withOtherOptions_namesTheFirstThatDiffers() throws IOException {
    ImageSets splits = SmallRuns.splits(manager);
    assertOther(recipe().seed(8).build(), splits, "seed");
    assertOther(recipe().name("other").build(), splits, "recipe");
    assertOther(recipe().augmentation(Augmentation.flip()).build(), splits, "augmentation");
    assertOther(recipe().iterations(4, 3).build(), splits, "stage 2 tune");
    assertOther(
        Recipe.of(Pruners.hydra(), Sparsity.of("0.8"))
            .name("VPNs")
            .input(SmallRuns.input())
            .build(),
        splits,
        "prompt");
  }

  /** What a pass leaves out and the order in which it reads are options like all others. */
  @Test
  void resume_withOtherPasses_isRefused() throws IOException {
    ImageSets splits = SmallRuns.splits(manager);
    for (Pass pass :
        new Pass[] {
          Pass.prompted().order(DataOrder.sequential()),
          Pass.prompted().freeze(Target.PROMPT),
          Pass.prompted().stream("other")
        }) {
      Recipe recipe =
          Recipe.of(
                  "VPNs",
                  Sparsity.of("0.8"),
                  Recipe.of(Pruners.vpns(), Sparsity.of("0.8"))
                      .prompt(Prompts.pad(4))
                      .build()
                      .stages()
                      .stream()
                      .map(stage -> changed(stage, pass))
                      .toArray(Stage[]::new))
              .prompt(Prompts.pad(4))
              .input(SmallRuns.input())
              .batchSize(SmallRuns.BATCH)
              .build();
      assertThat(recipe.options().get("stage 1 find mask")).contains(pass.toString());
      assertThat(pass.toString()).isNotEqualTo(Pass.prompted().toString());
      assertThat(refuse(recipe, splits)).hasMessageContaining("stage 1 find mask");
    }
  }

  private static Stage changed(Stage stage, Pass pass) {
    Stage.Builder builder =
        Stage.builder(stage.name()).mask(stage.mask()).length(Length.iterations(4));
    stage
        .motions()
        .forEach((target, motion) -> builder.train(target, motion.rule(), motion.rate()));
    return builder.pass(pass).pass(Pass.prompted()).build();
  }

  @Test
  void resume_withOtherImages_isRefused() throws IOException {
    assertOther(
        recipe().build(),
        ImageSets.of(SmallRuns.dataset(manager, 1, 41), TinyResNet.TARGET_CLASSES),
        "training data");
    assertOther(
        recipe().build(),
        SmallRuns.splits(manager).validation(SmallRuns.dataset(manager, 64, 90)),
        "validation");
    assertOther(
        recipe().build(),
        SmallRuns.splits(manager).test(SmallRuns.dataset(manager, 64, 90)),
        "test data");
    assertOther(recipe().build(), ImageSets.of(SmallRuns.dataset(manager, 0, 40), 6), "classes");
  }

  @Test
  void resume_withOtherWeights_isRefused() throws IOException {
    byte[] content = Files.readAllBytes(file);
    try (Model other = FixtureRuns.block()) {
      NamedParameter bias = ParameterPaths.of(other.getBlock()).find("fc.bias");
      bias.parameter().getArray().set(new float[20]);
      Untouched otherBefore = Untouched.of(other);
      assertThatThrownBy(
              () -> trainer(recipe().build()).resume().fit(other, SmallRuns.splits(manager)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("checkpoint of another run: " + file + ", network; ");
      otherBefore.assertStill(other);
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9, 100, 5000, 50_000, -1})
  void resume_ofFileCutShort_isRefused(int length) throws IOException {
    byte[] content = Files.readAllBytes(file);
    int end = length < 0 ? content.length - 1 : length;
    Files.write(file, Arrays.copyOf(content, end));
    assertThat(refuse(recipe().build(), SmallRuns.splits(manager)))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void resume_ofFileThatIsNoCheckpoint_isRefused() throws IOException {
    Files.writeString(file, "Dear reader, this is a letter, not a checkpoint.");
    assertThat(refuse(recipe().build(), SmallRuns.splits(manager)))
        .isInstanceOf(UncheckedIOException.class);
    Files.write(file, org.vpns.testing.Fixtures.bytes("core.safetensors"));
    assertThat(refuse(recipe().build(), SmallRuns.splits(manager)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("checkpoint damaged: " + file + ", format; expected ");
  }

  @Test
  void resume_ofFileWithOneBitFlipped_isRefused() throws IOException {
    flip(new Random(11), 60);
  }

  @Test
  @Tag("slow")
  void resume_ofFileWithAnyBitFlipped_isRefused() throws IOException {
    flip(new Random(12), 3000);
  }

  /** Half of the places in the header, where names and records are, half in the arrays. */
  private void flip(Random random, int places) throws IOException {
    byte[] content = Files.readAllBytes(file);
    int header = content[0] & 0xff | (content[1] & 0xff) << 8 | (content[2] & 0xff) << 16;
    ImageSets splits = SmallRuns.splits(manager);
    Recipe recipe = recipe().build();
    int[] positions =
        IntStream.range(0, places)
            .map(
                i ->
                    i % 2 == 0
                        ? random.nextInt(8 + header)
                        : 8 + header + random.nextInt(content.length - 8 - header))
            .toArray();
    for (int position : positions) {
      byte[] damaged = content.clone();
      damaged[position] ^= (byte) (1 << random.nextInt(8));
      if (new String(damaged, 8, header, StandardCharsets.UTF_8)
              .strip()
              .equals(new String(content, 8, header, StandardCharsets.UTF_8).strip())
          && position < 8 + header
          && position >= 8) {
        continue; // white space at the end of the header
      }
      Files.write(file, damaged);
      Throwable failure = refuse(recipe, splits);
      assertThat(failure)
          .as("byte %d of %d, header %d", position, content.length, header)
          .isInstanceOfAny(UncheckedIOException.class);
    }
  }

  /** Whoever writes a file can write its checksum too. */
  @Test
  void resume_ofRightChecksumAndWrongContent_isRefusedInWords() throws IOException {
    assertWrong(
        ledger -> ledger.replaceFirst("\"losses\":\\[[^,\\]]*,", "\"losses\":[,"), "losses[0]");
    assertWrong(ledger -> ledger.replaceFirst("\"losses\":\\[\\d\\.\\d\\d", "$0 "), "ledger");
    assertWrong(
        ledger -> ledger.replaceFirst("\"seconds\":", "\"seconds\":\"now\",\"s\":"), "ledger");
    assertWrong(ledger -> ledger.replaceFirst("\"stage\":0", "\"stage\":-1"), "stage");
    assertWrong(ledger -> ledger.replaceFirst("\"stage\":0", "\"stage\":2"), "stage");
    assertWrong(
        ledger ->
            ledger.replaceFirst("\"epochs\":\\[", "\"epochs\":[{\"apoch\":0,\"gradientSteps\":2}"),
        "epochs[0].epoch");
    assertWrong(ledger -> "[]", "ledger");
    assertWrong(ledger -> "", "ledger");
  }

  private void assertWrong(UnaryOperator<String> change, String part) throws IOException {
    byte[] content = Files.readAllBytes(file);
    rewrite(change, module -> module);
    assertThat(Files.readAllBytes(file)).isNotEqualTo(content);
    assertThat(refuse(recipe().build(), SmallRuns.splits(manager)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("checkpoint damaged: " + file + ", ledger; ")
        .hasMessageContaining(part);
    Files.write(file, content);
  }

  /** A module runs code; that of a checkpoint runs on request, if it is the code of the model. */
  @Test
  void resume_ofCheckpointWithOtherCode_runsNoneOfIt(@TempDir Path other) throws Exception {
    file = other.resolve("run").resolve(FILE);
    try (Model module = FixtureRuns.script(other)) {
      Trainer trainer =
          Trainer.of(recipe().build()).checkpoints(file.getParent()).checkpointEvery(2);
      assertThat(
              catchThrowable(
                  () -> trainer.listener(new Cut(5)).fit(module, SmallRuns.splits(manager))))
          .hasMessage(Cut.MESSAGE);
      byte[] content = Files.readAllBytes(file);
      assertThat(catchThrowable(() -> trainer.resume().fit(module, SmallRuns.splits(manager))))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage(
              "checkpoint holds code: "
                  + file
                  + ", network.module; expected a network that is data alone, found a TorchScript"
                  + " module, which can do what any program can when it runs; resume it with"
                  + " Trainer.resumeTrusted if you trust those who wrote it.");
      rewrite(ledger -> ledger, bytes -> Fixtures.bytes("writes_a_file.pt"));
      Throwable failure =
          catchThrowable(() -> trainer.resumeTrusted().fit(module, SmallRuns.splits(manager)));
      assertThat(failure)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage(
              "checkpoint holds other code: "
                  + file
                  + ", network.module; expected the code of the model's own TorchScript module,"
                  + " found other code; resume with the module the run was started with, or delete"
                  + " the file and start again.");
      assertThat(Path.of("escaped.bin")).doesNotExist();
      Files.write(file, content);
      trainer.resumeTrusted().fit(module, SmallRuns.splits(manager)).close();
    }
  }

  /** Writes the file again, with the right checksum. */
  private void rewrite(UnaryOperator<String> ledger, UnaryOperator<byte[]> module)
      throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    Map<String, String> identity = new LinkedHashMap<>();
    JsonParser.parseString(tensors.metadata().get("identity"))
        .getAsJsonObject()
        .asMap()
        .forEach((key, value) -> identity.put(key, value.getAsString()));
    CheckpointFile.Writer writer =
        new CheckpointFile.Writer(identity, ledger.apply(tensors.metadata().get("ledger")));
    for (String name : tensors.names()) {
      switch (tensors.type(name)) {
        case F32 -> writer.floats(name, tensors.floats(name));
        case I64 -> writer.visitor("").counters(name, tensors.longs(name));
        default ->
            writer.network(
                name.replace(".module", ""),
                new NetworkState(Map.of(), module.apply(tensors.bytes(name))));
      }
    }
    writer.write(file.getParent(), FILE);
  }

  @Test
  void fit_withCheckpointInTheWay_isRefused() throws IOException {
    byte[] content = Files.readAllBytes(file);
    Throwable failure =
        catchThrowable(() -> trainer(recipe().build()).fit(model, SmallRuns.splits(manager)));
    assertThat(failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "checkpoint in the way: "
                + file
                + "; expected a folder without checkpoint, found one of an earlier run; call"
                + " resume() to continue it, or choose another folder.");
    before.assertStill(model);
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    ImageSets splits = SmallRuns.splits(manager);
    Trainer.of(recipe().build()).checkpoints(folder.resolve("other")).fit(model, splits).close();
    assertThat(folder.resolve("other").resolve(FILE)).exists();
    try (Model resumed = FixtureRuns.block()) {
      trainer(recipe().build()).resume().fit(resumed, splits).close();
    }
  }

  @Test
  void resume_ofADamagedCheckpoint_isRefused_andBeginsAnewWithoutIt() throws IOException {
    Files.write(file, org.vpns.testing.Fixtures.bytes("core.safetensors"));
    ImageSets splits = SmallRuns.splits(manager);
    assertThat(refuse(recipe().build(), splits))
        .hasMessageEndingWith("; delete the file and start again.");
    Files.delete(file);
    PrunedModel made = trainer(recipe().build()).resume().fit(model, splits);
    try (Model other = FixtureRuns.block();
        PrunedModel anew = Trainer.of(recipe().build()).fit(other, splits)) {
      assertThat(made.masks()).isEqualTo(anew.masks());
    } finally {
      made.close();
    }
  }

  @Test
  void fit_intoFolderThatCannotBe_saysSo() throws IOException {
    Path taken = Files.writeString(folder.resolve("taken"), "a file");
    Throwable failure =
        catchThrowable(
            () ->
                Trainer.of(recipe().build())
                    .checkpoints(taken)
                    .checkpointEvery(1)
                    .fit(model, SmallRuns.splits(manager)));
    assertThat(failure)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("checkpoint cannot be written: " + taken.resolve(FILE));
    Untouched.assertForm(failure);
    before.assertStill(model);
    assertThat(taken).hasContent("a file");
  }

  @Test
  void resume_withoutFolder_isRefused() {
    for (Trainer trainer :
        new Trainer[] {
          Trainer.of(recipe().build()).resume(), Trainer.of(recipe().build()).checkpointEvery(3)
        }) {
      Throwable failure = catchThrowable(() -> trainer.fit(model, SmallRuns.splits(manager)));
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("no folder for checkpoints: Trainer.");
      Untouched.assertForm(failure);
    }
  }

  /** The run ends as if it had not been cut, and leaves its last checkpoint alone in the folder. */
  @Test
  void resume_leavesNoOtherFiles() throws IOException {
    try (PrunedModel pruned =
        trainer(recipe().build())
            .checkpointEvery(2)
            .resume()
            .fit(model, SmallRuns.splits(manager))) {
      assertThat(pruned.report().gradientSteps()).isEqualTo(6);
    }
    try (var files = Files.list(folder.resolve("run"))) {
      assertThat(files).containsExactly(file);
    }
  }
}
