package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.QuickStartArms.Arm;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.model.ResNets;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.Progress;
import picocli.CommandLine;

/** The quick start end to end, with so few steps that it takes seconds. */
class QuickStartTest {
  private static final List<String> TINY = List.of("HYDRA", "VPNs", "VPNs alternating");

  @TempDir static Path folder;
  private static String printed;

  @BeforeAll
  static void runThreeArmsOfFourStepsPerStage() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run(
        folder,
        QuickStart.study(
                List.of(5L),
                seed ->
                    new QuickStartArms(seed, 4)
                        .all().stream()
                            .filter(arm -> arm.recipe().sparsity().toString().equals("0.95"))
                            .filter(arm -> TINY.contains(arm.recipe().name()))
                            .toList())
            .in(folder),
        new PrintStream(bytes, true, StandardCharsets.UTF_8));
    printed = bytes.toString(StandardCharsets.UTF_8);
  }

  private static void run(Path folder, Study<PruneReport> study, PrintStream console)
      throws IOException {
    Study<PruneReport> keeping = study.keepingModels().listener(Progress.study(console));
    QuickStart.write(folder, keeping, keeping.run(), QuickStart.TITLE, console);
  }

  @Test
  void study_whoseBaselineHasNoRun_saysSo_andWritesNoTable(@TempDir Path other) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run(
        other,
        QuickStart.study(
                List.of(5L),
                seed ->
                    new QuickStartArms(seed, 2)
                        .few().stream().filter(arm -> arm.recipe().name().equals("VPNs")).toList())
            .in(other),
        new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("No table: HYDRA, the baseline");
    assertThat(other.resolve("comparison.csv")).doesNotExist();
  }

  @Test
  void console_ofTheRun_showsALinePerRunTheTableAndWhereTheResultLies() {
    assertThat(printed.lines().limit(3)).allMatch(line -> line.contains("kept 3,854 of 77,072"));
    assertThat(printed)
        .contains(" 1/3 HYDRA 0.95 seed 5")
        .contains("sparsity | method")
        .contains("baseline")
        .contains("Files hold kept weights alone")
        .contains("Best sparse models: ")
        .contains(folder.resolve("best").toString())
        .contains(folder.resolve("report.html").toString())
        .doesNotContain("\r");
  }

  @Test
  void folder_afterTheRun_holdsTablePageRunsModelAndDigits() throws Exception {
    List<String> csv = Files.readAllLines(folder.resolve("comparison.csv"));
    assertThat(csv).hasSize(4);
    assertThat(csv).allMatch(line -> line.split(",", -1).length == 20);
    assertThat(csv.get(2)).startsWith("0.95,VPNs,1,0.");
    // Both forms of VPNs and HYDRA at equal cost: 2 stages of 4 gradient steps.
    assertThat(csv.subList(1, 4)).allMatch(line -> line.split(",", -1)[11].equals("8.0"));
    assertThat(Files.readString(folder.resolve("comparison.md"))).contains("| VPNs alternating |");
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains("VPNs alternating")
        .doesNotContain("src=\"http");
    List<PruneReport> runs = new ArrayList<>();
    JsonParser.parseString(Files.readString(folder.resolve("runs.json")))
        .getAsJsonArray()
        .forEach(run -> runs.add(PruneReport.fromJson(run.toString())));
    assertThat(runs).extracting(PruneReport::recipe).containsExactlyElementsOf(TINY);
    PruneReport best = PruneReport.read(folder.resolve("best").resolve("report.json"));
    assertThat(best.savedBytes()).isLessThan(best.denseBytes());
    assertThat(runs.stream().map(run -> run.bytes(best.denseBytes(), best.savedBytes())))
        .contains(best);
    try (var pictures = Files.list(folder.resolve("digits"))) {
      assertThat(pictures.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              OpticalDigits.CLASS_NAMES.stream().map(name -> name + ".png").toList());
    }
  }

  @Test
  void filesOfASparseModel_areAFractionOfTheDenseOnes() throws Exception {
    // 3,854 of 77,072 weights and 10 kB of mask; README has 25 kB + 10 kB of 318 kB.
    Path best = folder.resolve("best");
    assertThat(Files.size(best.resolve("weights.safetensors"))).isBetween(20_000L, 30_000L);
    assertThat(Files.size(best.resolve("masks.vpns"))).isBetween(5_000L, 15_000L);
  }

  @Test
  void bestModel_loadedAgain_isRightOnTheSameNumberOfTestImages() throws Exception {
    ImageTable test = OpticalDigits.split(5).test();
    try (Model model = ResNets.small().newModel("digits", 1);
        PrunedModel pruned = PrunedModel.load(folder.resolve("best"), model);
        NDManager manager = NDManager.newBaseManager()) {
      PruneReport report = pruned.report();
      Accuracy tuned = report.tuned();
      assertThat(tuned.images()).isEqualTo(797);
      long[] plain = predictions(pruned, test, manager, false);
      assertThat(right(plain, test)).isEqualTo(tuned.plain());
      if (tuned.prompted() != null) {
        long[] prompted = predictions(pruned, test, manager, true);
        assertThat(right(prompted, test)).isEqualTo(tuned.prompted());
      }
      assertThat(pruned.masks().kept()).isEqualTo(3_854);
    }
  }

  @Test
  void predictor_ofEveryPicture_saysWhatTheNetworkSaysOfTheTestImage() throws Exception {
    ImageTable test = OpticalDigits.split(5).test();
    try (Model model = ResNets.small().newModel("digits", 1);
        PrunedModel pruned = PrunedModel.load(folder.resolve("best"), model);
        Predictor<Image, Classifications> predictor = pruned.newPredictor();
        NDManager manager = NDManager.newBaseManager()) {
      boolean prompted = pruned.prompt() != null;
      float[] probabilities = probabilities(pruned, test, manager, prompted);
      for (String digit : OpticalDigits.CLASS_NAMES) {
        int first = 0;
        while (test.label(first) != OpticalDigits.CLASS_NAMES.indexOf(digit)) {
          first++;
        }
        Path picture = folder.resolve("digits").resolve(digit + ".png");
        Classifications found = predictor.predict(ImageFactory.getInstance().fromFile(picture));
        for (int c = 0; c < 10; c++) {
          double given = found.get(OpticalDigits.CLASS_NAMES.get(c)).getProbability();
          // A picture has 256 levels, the data 17: pixels differ by up to 1/510.
          assertThat(given).isCloseTo(probabilities[10 * first + c], within(0.02));
        }
      }
    }
  }

  @Test
  void predictDigit_ofAPicture_printsClassesAndProbabilities() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(new PredictDigit().toCommandLine().execute("three", folder.toString())).isZero();
    } finally {
      System.setOut(before);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("className")
        .contains("probability");
  }

  @Test
  void predictDigit_ofAPictureThatIsNotThere_saysSo() {
    StringWriter errors = new StringWriter();
    CommandLine line = new PredictDigit().toCommandLine().setErr(new PrintWriter(errors));
    assertThat(line.execute("eleven", folder.toString())).isEqualTo(1);
    assertThat(errors.toString())
        .startsWith("picture cannot be read: the picture that was named; expected a file with a");
  }

  private static float[] probabilities(
      PrunedModel pruned, ImageTable images, NDManager manager, boolean prompted) {
    NDArray batch = Tables.batch(images, manager);
    ParameterStore store = new ParameterStore(manager, false);
    NDArray input =
        prompted
            ? pruned.prompt().forward(store, new NDList(batch), false).singletonOrThrow()
            : ImagePlacement.of(pruned.input()).apply(batch);
    NDArray logits =
        pruned.model().getBlock().forward(store, new NDList(input), false).singletonOrThrow();
    return pruned.mapping().apply(logits).softmax(1).toFloatArray();
  }

  private static long[] predictions(
      PrunedModel pruned, ImageTable images, NDManager manager, boolean prompted) {
    float[] all = probabilities(pruned, images, manager, prompted);
    long[] best = new long[images.size()];
    for (int i = 0; i < best.length; i++) {
      for (int c = 1; c < 10; c++) {
        best[i] = all[10 * i + c] > all[10 * i + (int) best[i]] ? c : best[i];
      }
    }
    return best;
  }

  private static int right(long[] predictions, ImageTable images) {
    int right = 0;
    for (int i = 0; i < predictions.length; i++) {
      right += predictions[i] == images.label(i) ? 1 : 0;
    }
    return right;
  }

  @Test
  void arms_ofASeed_areThoseOfTheComparisonAtEqualCost() {
    List<Arm> arms = new QuickStartArms(1, TrainingSettings.STEPS).all();
    assertThat(arms)
        .extracting(arm -> arm.recipe() + " " + arm.gradientSteps())
        .containsExactly(
            "Dense 0 300",
            "Random 0.95 300",
            "OMP 0.95 300",
            "HYDRA 0.95 300",
            "VPNs 0.95 300",
            "VPNs alternating 0.95 300",
            "Random 0.99 300",
            "OMP 0.99 300",
            "HYDRA 0.99 300",
            "VPNs 0.99 300",
            "OMP + prompt 0.99 300",
            "HYDRA 2x steps 0.99 600");
    assertThat(arms)
        .filteredOn(arm -> arm.recipe().prompt() != null)
        .extracting(arm -> arm.recipe().name())
        .containsExactly("VPNs", "VPNs alternating", "VPNs", "OMP + prompt");
  }

  @Test
  void commandLine_mistyped_saysWhatIsWrongAndRunsNothing() {
    for (List<String> bad :
        List.of(
            List.of("--sort", "'--sort'"),
            List.of("--seeds=three", "'three'"),
            List.of("--seeds=0", "expected 1 to 100, found 0"),
            List.of("later", "'later'"))) {
      Said said = Said.of(new QuickStart(), bad.get(0));
      assertThat(said.code()).isEqualTo(2);
      assertThat(said.err()).contains(bad.get(1)).contains("Try QuickStart --help.");
    }
  }

  /** Its runs lie elsewhere, and take a minute. */
  @Test
  void shortForm_intoAFile_isToldBeforeAnythingIsRun() throws IOException {
    Path file = Files.writeString(folder.resolve("notes"), "a file");
    StringWriter said = new StringWriter();
    CommandLine line = new QuickStart().toCommandLine().setErr(new PrintWriter(said));
    assertThat(line.execute("--short", "--out", file.toString())).isEqualTo(1);
    assertThat(said.toString())
        .startsWith("results cannot be written: " + file + "; expected a folder to write into, ");
  }

  @Test
  void commandLine_help_namesEveryOption() {
    Said said = Said.of(new QuickStart(), "--help");
    assertThat(said.code()).isZero();
    assertThat(said.out()).contains("--out", "--seeds", "--short", "--help");
  }
}
