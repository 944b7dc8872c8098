package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Mask;
import org.vpns.Sparsity;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.mapping.Mappings;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.PruneReport;
import org.vpns.testing.Outcome;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Results as folders: written, read again into an equal model, refused when damaged. */
final class PrunedModelTest {
  private static final List<String> NAMES = List.of("ant", "bee", "cat", "dog", "eel");

  @TempDir Path folder;

  private static PrunedModel prune(Model model, boolean prompted) {
    Recipe.Builder recipe =
        prompted
            ? Recipe.of(
                    Pruners.vpns()
                        .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                        .promptInFinding(SmallRuns.ADAM, SmallRuns.FINDING)
                        .lengths(Length.iterations(4), Length.iterations(4)),
                    Sparsity.of("0.7"))
                .prompt(Prompts.pad(6))
            : Recipe.of(
                Pruners.hydra().lengths(Length.iterations(4), Length.iterations(4)),
                Sparsity.of("0.7"));
    Recipe built =
        recipe
            .mapping(Mappings.frequency())
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(built)
          .fit(
              model,
              SmallRuns.splits(manager).test(SmallRuns.dataset(manager, 64, 90)).classNames(NAMES));
    }
  }

  /** Classes in their order and the bits of their probabilities, for a few images. */
  private static List<String> predictions(PrunedModel pruned) throws Exception {
    List<String> answers = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager();
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      for (int i = 0; i < 6; i++) {
        Image image =
            ImageFactory.getInstance()
                .fromNDArray(
                    SmallRuns.dataset(manager, i, i + 1)
                        .get(manager, 0)
                        .getData()
                        .head()
                        .mul(255)
                        .toType(DataType.UINT8, false));
        Classifications answer = predictor.predict(image);
        answers.add(
            answer.getClassNames()
                + " "
                + answer.getProbabilities().stream().map(Double::doubleToRawLongBits).toList());
      }
    }
    return answers;
  }

  private Model model(boolean script) throws Exception {
    return script ? FixtureRuns.script(folder) : FixtureRuns.block();
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void load_ofSavedModel_predictsTheSame(boolean script, boolean prompted) throws Exception {
    Path saved = folder.resolve("result");
    List<String> expected;
    Outcome outcome;
    try (Model model = model(script);
        PrunedModel pruned = prune(model, prompted)) {
      pruned.save(saved);
      expected = predictions(pruned);
      outcome = Outcome.of(pruned);
    }
    try (Model model = script ? Model.newInstance("fresh") : FixtureRuns.block();
        PrunedModel loaded = PrunedModel.loadTrusted(saved, model)) {
      Outcome found = Outcome.of(loaded);
      assertThat(found.parameters()).isEqualTo(outcome.parameters());
      assertThat(found.logits()).isEqualTo(outcome.logits());
      assertThat(found.masks()).isEqualTo(outcome.masks());
      assertThat(found.prompt()).isEqualTo(outcome.prompt());
      assertThat(found.mapping()).isEqualTo(outcome.mapping());
      assertThat(found.report()).isEqualTo(outcome.report());
      PruneReport report = loaded.report();
      if (script) {
        assertThat(report.macs()).as("a module has no graph").isNull();
        assertThat(report.savedBytes()).isGreaterThan(report.denseBytes());
      } else {
        assertThat(report.keptMacs()).isPositive().isLessThan(report.macs());
        assertThat(report.savedBytes()).isLessThan(report.denseBytes());
      }
      assertThat(loaded.classNames()).isEqualTo(NAMES);
      assertThat(loaded.input().toString()).isEqualTo(SmallRuns.input().toString());
      assertThat(predictions(loaded)).isEqualTo(expected);
      // What was loaded can be saved again.
      loaded.save(folder.resolve("again"));
      assertThat(files(folder.resolve("again")).keySet()).isEqualTo(files(saved).keySet());
    }
  }

  /** The prompt is part of the model: it changes the answers. */
  @Test
  void predictor_usesThePrompt() throws Exception {
    try (Model model = model(false);
        PrunedModel pruned = prune(model, true)) {
      List<String> with = predictions(pruned);
      pruned.prompt().delta().getArray().muli(0);
      assertThat(predictions(pruned)).isNotEqualTo(with);
    }
  }

  /** A model that has a module already gets the one of the folder. */
  @Test
  void load_ofModuleIntoModelWithModule_replacesIt() throws Exception {
    Path saved = folder.resolve("result");
    List<String> expected;
    try (Model model = model(true);
        PrunedModel pruned = prune(model, false)) {
      pruned.save(saved);
      expected = predictions(pruned);
    }
    try (Model model = model(true);
        PrunedModel loaded = PrunedModel.loadTrusted(saved, model)) {
      assertThat(predictions(loaded)).isEqualTo(expected);
    }
  }

  @Test
  void load_ofModuleIntoOtherBlock_isRefused() throws Exception {
    Path saved = folder.resolve("result");
    try (Model model = model(true);
        PrunedModel pruned = prune(model, false)) {
      pruned.save(saved);
    }
    try (Model other = FixtureRuns.block()) {
      Untouched untouched = Untouched.of(other);
      Throwable failure = catchThrowable(() -> PrunedModel.loadTrusted(saved, other));
      assertThat(failure)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("network of another kind: ");
      Untouched.assertForm(failure);
      untouched.assertStill(other);
    }
  }

  /** Damage to one file, and how the message begins. */
  private record Damage(String file, UnaryOperator<byte[]> change, String what) {
    @Override
    public String toString() {
      return file + ": " + what;
    }
  }

  private static Stream<Damage> damages() {
    List<Damage> damages = new ArrayList<>();
    for (String file :
        new String[] {
          "weights.safetensors", "masks.vpns", "prompt.safetensors", "model.json", "report.json"
        }) {
      damages.add(new Damage(file, content -> null, "result folder incomplete: "));
      damages.add(new Damage(file, content -> new byte[0], ""));
      damages.add(new Damage(file, c -> Arrays.copyOf(c, c.length / 2), ""));
      damages.add(new Damage(file, c -> "no such thing".getBytes(StandardCharsets.UTF_8), ""));
    }
    damages.add(text("\"vpns result 2\"", "\"vpns result 3\""));
    damages.add(text("\"sources\": 20", "\"sources\": 4"));
    damages.add(text("\"eel\"", "\"eel\", \"fox\""));
    damages.add(text("\"eel\"", "null"));
    damages.add(text("\"height\": 16", "\"height\": 0"));
    damages.add(text("\"height\": 16", "\"height\": \"high\""));
    damages.add(text("\"reduction\": \"MEAN\"", "\"reduction\": \"SUM\""));
    damages.add(text("\"mapping\"", "\"maping\""));
    damages.add(text("\"mean\"", "\"men\""));
    damages.add(text("\"prompt\"", "\"promt\""));
    damages.add(text("0.229", "\"\""));
    damages.add(text("0.229", "'0.229'"));
    damages.add(text("\"input\": {", "\"input\": [{"));
    return damages.stream();
  }

  private static Damage text(String from, String to) {
    return new Damage(
        "model.json",
        content -> {
          String text = new String(content, StandardCharsets.UTF_8);
          assertThat(text).contains(from);
          return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
        },
        "result folder damaged: ");
  }

  private static final Map<String, byte[]> SAVED = new TreeMap<>();

  /** A saved result with prompt, made once. */
  private synchronized Path saved() throws Exception {
    Path result = folder.resolve("result");
    if (SAVED.isEmpty()) {
      try (Model model = model(false);
          PrunedModel pruned = prune(model, true)) {
        pruned.save(result);
      }
      SAVED.putAll(files(result));
    }
    Files.createDirectories(result);
    for (Map.Entry<String, byte[]> entry : SAVED.entrySet()) {
      Files.write(result.resolve(entry.getKey()), entry.getValue());
    }
    return result;
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> list = Files.list(folder)) {
      list.forEach(
          file -> {
            try {
              files.put(file.getFileName().toString(), Files.readAllBytes(file));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return files;
  }

  private static void assertRefused(Path saved, String what, Class<?>... types) throws Exception {
    Map<String, byte[]> before = files(saved);
    try (Model model = FixtureRuns.block()) {
      Untouched untouched = Untouched.of(model);
      Throwable failure = catchThrowable(() -> PrunedModel.load(saved, model));
      assertThat(failure).isInstanceOfAny(types).hasMessageStartingWith(what);
      Untouched.assertForm(failure);
      untouched.assertStill(model);
    }
    Map<String, byte[]> after = files(saved);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((name, content) -> assertThat(after.get(name)).isEqualTo(content));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void load_ofDamagedFolder_isRefused(Damage damage) throws Exception {
    Path saved = saved();
    Path file = saved.resolve(damage.file());
    byte[] content = damage.change().apply(Files.readAllBytes(file));
    if (content == null) {
      Files.delete(file);
    } else {
      Files.write(file, content);
    }
    assertRefused(saved, damage.what(), IOException.class);
  }

  @Test
  void load_ofMasksOfAnotherResult_isRefused() throws Exception {
    Path saved = saved();
    var masks = MaskFile.read(saved.resolve("masks.vpns")).masks();
    MaskFile.of(masks.not()).write(saved.resolve("masks.vpns"));
    assertRefused(saved, "weights and masks disagree: ", FormatException.class);
  }

  @Test
  void load_ofMasksOfAnotherNetwork_isRefused() throws Exception {
    Path saved = saved();
    var masks = org.vpns.MaskSet.of(Map.of("conv1.weight", Mask.ones(new Shape(8, 3, 5, 5))));
    MaskFile.of(masks).write(saved.resolve("masks.vpns"));
    assertRefused(saved, "", IllegalArgumentException.class);
  }

  @Test
  void load_intoOtherArchitecture_isRefused() throws Exception {
    Path saved = saved();
    try (Model model = Model.newInstance("linear")) {
      SequentialBlock block =
          new SequentialBlock()
              .add(Blocks.batchFlattenBlock())
              .add(Linear.builder().setUnits(20).build());
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
      model.setBlock(block);
      Untouched untouched = Untouched.of(model);
      Throwable failure = catchThrowable(() -> PrunedModel.load(saved, model));
      assertThat(failure).isInstanceOf(IllegalArgumentException.class);
      Untouched.assertForm(failure);
      untouched.assertStill(model);
    }
  }

  @Test
  void load_ofDamagedModule_isRefused() throws Exception {
    Path saved = folder.resolve("result");
    try (Model model = model(true);
        PrunedModel pruned = prune(model, false)) {
      pruned.save(saved);
    }
    Path file = saved.resolve("network.pt");
    byte[] content = Files.readAllBytes(file);
    for (byte[] damaged :
        List.of(new byte[0], Arrays.copyOf(content, content.length / 2), new byte[5000])) {
      Files.write(file, damaged);
      try (Model model = model(true);
          Model empty = Model.newInstance("empty")) {
        Untouched untouched = Untouched.of(model);
        Throwable failure = catchThrowable(() -> PrunedModel.loadTrusted(saved, model));
        assertThat(failure)
            .isInstanceOf(IOException.class)
            .hasMessageStartingWith("TorchScript module cannot be read: " + file);
        Untouched.assertForm(failure);
        untouched.assertStill(model);
        assertThat(catchThrowable(() -> PrunedModel.loadTrusted(saved, empty)))
            .isInstanceOf(IOException.class);
        assertThat(empty.getBlock()).isNull();
      }
    }
  }

  /** Every file is replaced as a whole or not at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "weights.safetensors",
        "masks.vpns",
        "prompt.safetensors",
        "report.json",
        "model.json"
      })
  void save_thatFailsOnOneFile_leavesNoHalfFiles(String blocked) throws Exception {
    Path result = folder.resolve("result");
    try (Model model = model(false);
        PrunedModel pruned = prune(model, true)) {
      pruned.save(result);
      Map<String, byte[]> whole = files(result);
      Files.delete(result.resolve(blocked));
      Files.createDirectory(result.resolve(blocked));
      Files.writeString(result.resolve(blocked).resolve("inside"), "in the way");
      assertThat(catchThrowable(() -> pruned.save(result))).isInstanceOf(IOException.class);
      try (Stream<Path> list = Files.list(result)) {
        for (Path file : list.toList()) {
          String name = file.getFileName().toString();
          assertThat(whole).containsKey(name);
          if (!name.equals(blocked)) {
            assertThat(Files.readAllBytes(file)).isEqualTo(whole.get(name));
          }
        }
      }
      assertThat(result.resolve(blocked).resolve("inside")).hasContent("in the way");
    }
  }
}
