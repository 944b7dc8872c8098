package org.vpns.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.examples.Program;
import org.vpns.examples.Said;
import org.vpns.examples.TrainingSettings;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.ComparisonTasks;
import org.vpns.examples.compare.MethodRecipes;
import org.vpns.examples.compare.TaskFiles;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.report.EpochRecord;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.study.Comparison;
import org.vpns.study.Hypothesis.Judgement;
import org.vpns.study.Hypothesis.Verdict;
import org.vpns.study.Study;
import org.vpns.testing.Reports;
import org.vpns.testing.SampleReports;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** The paper's figures, with so few steps that they take seconds. */
class FiguresTest {
  @TempDir Path out;

  @Test
  void canvas_ofThePaper_hasThePapersSizes() {
    assertThat(FigureArms.imageSizes(224)).containsExactly(128, 160, 192, 224);
    assertThat(FigureArms.pads(224)).containsExactly(16, 32, 64, 112);
    // the frame has 4 x 16 x (224 - 16) = 13,312 pixels, a square of 115 has 13,225
    assertThat(FigureArms.equalSide(224)).isEqualTo(115);
    assertThat(FigureArms.pads(32)).containsExactly(2, 5, 9, 16);
  }

  @Test
  void figures_allOfThem_nameArmsAndHaveClaims() throws Exception {
    Setting setting =
        new Setting(
            ComparisonTasks.open("few-digits", new TaskFiles(null, null)),
            2,
            "",
            List.of(Sparsity.of("0.95"), Sparsity.of("0.99")),
            List.of(1L, 2L));
    for (FigureProgram figure : Reproduce.all()) {
      Study<PruneReport> study = figure.study(setting);
      assertThat(study.cells()).as(figure.id()).hasSizeGreaterThan(5);
      int claims =
          figure.claims(setting.task(), List.of("0.95")).size()
              + figure.counted(List.of(), List.of("0.95")).size();
      // figure 3 is a picture
      assertThat(claims > 0).as(figure.id()).isEqualTo(!(figure instanceof Figure3));
    }
  }

  @Test
  void figure3_drawsThePromptsOfItsRuns() throws Exception {
    Said said =
        Said.of(new Figure3(), "--steps=2", "--seeds=1", "--sparsities=0.95", "--out=" + out);

    assertThat(said.code()).as(said.text()).isZero();
    String picture = Files.readString(out.resolve("figure-3.svg"));
    List<BufferedImage> images = new ArrayList<>();
    Matcher png = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(picture);
    while (png.find()) {
      byte[] bytes = Base64.getDecoder().decode(png.group(1));
      images.add(ImageIO.read(new ByteArrayInputStream(bytes)));
    }
    // prompt and image of three kinds
    assertThat(images).hasSize(6).allSatisfy(image -> assertThat(image.getWidth()).isEqualTo(32));
    assertThat(picture).contains(">VPNs, pad 2<", ">VPNs, fix 15<", ">VPNs, random 15<");
    // a frame of two pixels adds nothing further in: mid grey; its border has learned
    BufferedImage pad = images.get(0);
    for (int i = 2; i < 30; i++) {
      assertThat(pad.getRGB(i, 16) & 0xffffff).isEqualTo(0x808080);
    }
    assertThat(IntStream.range(0, 32).map(i -> pad.getRGB(i, 0)).distinct().count())
        .isGreaterThan(1);
    // within the frame the image is the task's: the same under all three prompts at this place
    assertThat(images.get(1).getRGB(28, 20)).isEqualTo(images.get(3).getRGB(28, 20));
  }

  @Test
  void figure9_tellsChannelsAsReports_andReadsThemAgain() throws Exception {
    String[] options = {"--steps=2", "--seeds=1", "--sparsities=0.5", "--out=" + out};
    Said said = Said.of(new Figure9(), options);

    assertThat(said.code()).as(said.text()).isZero();
    assertThat(said.text())
        .contains("- **unknown**: VPNs is above Slim and DepGraph")
        .contains("Dense 0 against VPNs on channels 0.5: ");
    Path file = out.resolve("runs/few-digits/vpns-on-channels-0.5-1.json");
    PruneReport run = PruneReport.read(file);
    assertThat(run.trainingImages()).isEqualTo(200);
    assertThat(run.tuned().images()).isEqualTo(1_597);
    assertThat(run.prompt()).isNotNull();
    assertThat(run.stages()).extracting(StageRecord::name).contains("tune");
    assertThat(run.kept()).isLessThan(run.prunable());
    assertThat(run.keptMacs()).isLessThan(run.macs());
    assertThat(run.layers().stream().mapToLong(LayerRecord::size).sum())
        .isLessThanOrEqualTo(run.prunable());

    String kept = Files.readString(file);
    assertThat(Said.of(new Figure9(), options).code()).isZero();
    assertThat(file).content().isEqualTo(kept);

    Files.writeString(file, kept.replace("by the mask that is learned", "by another rule"));
    Said another = Said.of(new Figure9(), options);
    assertThat(another.code()).isEqualTo(1);
    assertThat(another.text()).contains("report of another run: " + file + ", channels");
  }

  /** With so many gradient steps, each of a pass forwards and one backwards. */
  private static PruneReport costing(String method, String sparsity, long seed, long steps) {
    return SampleReports.minimal(method, sparsity, seed, 700, null, steps);
  }

  @Test
  void figure8_judgesPasses_notSeconds() {
    List<PruneReport> runs = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      for (String sparsity : List.of("0.95", "0.99")) {
        runs.add(costing("VPNs", sparsity, seed, 300));
        runs.add(costing("HYDRA", sparsity, seed, 300));
        runs.add(costing("BiP", sparsity, seed, 310));
        runs.add(costing("GraSP", sparsity, seed, 280));
      }
      runs.add(costing("LTH", "0.95", seed, 2_000));
      runs.add(costing("LTH", "0.99", seed, 3_000));
    }

    // sparsities in another order than the claim speaks of
    List<Judgement> claims = new Figure8().counted(runs, List.of("0.99", "0.95"));

    assertThat(claims)
        .extracting(Judgement::verdict)
        .containsExactly(Verdict.WITHIN_NOISE, Verdict.HELD, Verdict.HELD);
    assertThat(claims.get(0).details())
        .contains(
            "VPNs 0.95 below HYDRA 0.95: 600 against 600 passes (2.5 against 2.5 seconds),"
                + " p 1.000, 2 seeds, within noise");
    assertThat(claims.get(1).details().get(0))
        .startsWith("VPNs 0.95 below 1.1 times GraSP 0.95: 600 against 560 passes");
    assertThat(claims.get(2).details())
        .containsExactly(
            "LTH 0.95 below LTH 0.99: 4,000 against 6,000 passes (2.5 against 2.5 seconds),"
                + " p < 0.001, 2 seeds, held");
  }

  @Test
  void tableA3_setsImagesAside_andCountsStagesUpToTheirBestEpoch() throws Exception {
    List<EpochRecord> epochs = new ArrayList<>();
    for (int epoch = 0; epoch < 4; epoch++) {
      epochs.add(new EpochRecord(epoch, 5, 1, 0.5, 0.5));
    }
    PruneReport report = costing("VPNs", "0.95", 1, 7);
    StageRecord best = new StageRecord("find", 20, 640, 1, List.of(), epochs, 1);
    // ten steps of the stage that has a best epoch, all seven of the other
    assertThat(
            TableA3.stepsToBest(Reports.with(report, List.of(best, report.stages().get(0)), 160L)))
        .isEqualTo(17);

    Setting setting =
        new Setting(
            ComparisonTasks.open("few-digits", new TaskFiles(null, null)),
            10,
            "",
            List.of(Sparsity.of("0.95")),
            List.of(1L));
    Study.Cell<PruneReport> cell =
        new TableA3()
            .study(setting).cells().stream()
                .filter(c -> c.run().method().equals("OMP"))
                .findFirst()
                .orElseThrow();
    PruneReport run = Study.of(cell.task(), List.of(cell.run())).in(out).run().results().get(0);
    assertThat(cell.name()).isEqualTo("few-digits-validated/omp-0.95-1");
    // 160 images are 5 batches of 32, so 20 steps are 4 epochs
    assertThat(run.trainingImages()).isEqualTo(160);
    assertThat(run.stages().get(0).epochs())
        .hasSize(4)
        .allSatisfy(epoch -> assertThat(epoch.validation()).isNotNull());
    assertThat(TableA3.stepsToBest(run) % 5).isZero();
  }

  @Test
  void figure4_holdsTheLowestSparsityAgainstTheDenseNetwork_inWhateverOrder() throws Exception {
    ComparisonTask task = ComparisonTasks.open("few-digits", new TaskFiles(null, null));
    Comparison runs =
        Comparison.of(List.of(SampleReports.minimal("VPNs", "0.5", 1, 690, 750, 50)), "VPNs");
    assertThat(new Figure4().claims(task, List.of("0.99", "0.5", "0.95")).get(1).judge(runs))
        .satisfies(
            judgement ->
                assertThat(judgement.details().get(0)).startsWith("VPNs 0.5 above Dense 0"));
  }

  @Test
  void reproduce_ofTwoFigures_runsWhatTheyShareOnce_andWritesAllClaims() throws Exception {
    String[] options = {
      "--figures=figure-5,figure-a11", "--steps=2", "--seeds=1", "--sparsities=0.95", "--out=" + out
    };
    Said said = Said.of(new Reproduce(), options);

    assertThat(said.code()).as(said.text()).isZero();
    // OMP; HYDRA and VPNs of both; the two places of the prompt
    assertThat(out.resolve("runs/few-digits").toFile().list())
        .containsExactlyInAnyOrder(
            "omp-0.95-1.json",
            "hydra-0.95-1.json",
            "vpns-0.95-1.json",
            "vpns-finding-only-0.95-1.json",
            "vpns-tuning-only-0.95-1.json");
    assertThat(said.text())
        .contains("- **unknown**: A prompt in both is best")
        .contains("too few for its figures to count")
        .contains("All seeds have the same 200 training images");
    assertThat(out.resolve("index.html"))
        .content()
        .contains(
            "<a href=\"figure-a11/report.html\">", ">unknown</span>: A prompt in both is best")
        .doesNotContain("http", "So far");
    assertThat(Files.readAllLines(out.resolve("figure-5/comparison.csv"))).hasSize(4);
    assertThat(out.resolve("figure-a11/report.html")).isNotEmptyFile();
    assertThat(out.resolve("claims.md")).content().contains("Figure 5: another network");

    PruneReport run = PruneReport.read(out.resolve("runs/few-digits/omp-0.95-1.json"));
    assertThat(run.trainingImages()).isEqualTo(200);
    assertThat(run.tuned().images()).isEqualTo(1_597);
  }

  @Test
  void masks_ofTheSource_areThoseOfItsImages_foundOnce_andTheirCostIsTold() throws Exception {
    String[] options = {"--steps=2", "--seeds=1", "--sparsities=0.95", "--out=" + out};
    Said said = Said.of(new Figure6(), options);

    assertThat(said.code()).as(said.text()).isZero();
    Path runs = out.resolve("runs/few-digits");
    PruneReport omp = PruneReport.read(runs.resolve("omp-mask-of-the-source-0.95-1.json"));
    Path kept = runs.resolve("hydra-mask-of-the-source-0.95-1.json");
    PruneReport hydra = PruneReport.read(kept);
    assertThat(omp.kept()).isEqualTo(3_854).isEqualTo(hydra.kept());
    // the mask was given, not found in tuning, and each method has its own
    assertThat(hydra.provenance().toString()).contains("given, 3854 of 77072");
    assertThat(omp.layers())
        .extracting(LayerRecord::kept)
        .isNotEqualTo(hydra.layers().stream().map(LayerRecord::kept).toList());

    // 2T steps of tuning; before them T for HYDRA's scores, of the one finding that was kept
    assertThat(omp.cost().gradientSteps()).isEqualTo(4);
    assertThat(hydra.stages()).extracting(StageRecord::gradientSteps).containsExactly(2L, 4L);
    FoundMask found = findings().get("HYDRA");
    assertThat(hydra.training())
        .isEqualTo(found.report().training().plus(hydra.stages().get(1).training()));
    assertThat(hydra.stages().get(0)).isEqualTo(found.report().stages().get(0));
    assertThat(hydra.provenance()).containsEntry("finding, mapping", "identity");

    // by hand the same mask, and what is tuned under it
    assertThat(found.masks()).isEqualTo(ofSource());
    PruneReport byHand = tuned(ofSource());
    assertThat(hydra.tuned()).isEqualTo(byHand.tuned());
    assertThat(hydra.stages().get(1).losses()).isEqualTo(byHand.stages().get(0).losses());

    // a run that is made anew does not find the mask anew, which would take another time
    Files.delete(kept);
    assertThat(Said.of(new Figure6(), options))
        .satisfies(again -> assertThat(again.code()).as(again.text()).isZero());
    PruneReport again = PruneReport.read(kept);
    assertThat(again.stages().get(0)).isEqualTo(hydra.stages().get(0));
    assertThat(again.tuned()).isEqualTo(hydra.tuned());
  }

  /** By method what the study has found. */
  private Map<String, FoundMask> findings() throws IOException {
    Map<String, FoundMask> findings = new HashMap<>();
    try (Stream<Path> stages = Files.list(out.resolve("stages"))) {
      for (Path stage : stages.filter(Files::isDirectory).toList()) {
        FoundMask found = FoundMask.read(stage);
        assertThat(findings.put(found.report().recipe(), found)).isNull();
      }
    }
    assertThat(findings).containsOnlyKeys("HYDRA", "VPNs");
    return findings;
  }

  /** HYDRA's of the images that the network was trained on, after two steps. */
  private static MaskSet ofSource() throws IOException {
    ComparisonTask task = ComparisonTasks.open("few-digits", new TaskFiles(null, null));
    ComparisonTask.Source source = task.source();
    Recipe whole =
        Recipe.of(new MethodRecipes(task, 2).hydra(), Sparsity.of("0.95"))
            .input(source.input())
            .batchSize(task.batchSize())
            .seed(1)
            .build();
    Recipe first = whole.toBuilder().stages(whole.stages().subList(0, 1)).build();
    try (Model network = task.network();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = Trainer.of(first).fit(network, source.images().apply(manager))) {
      return pruned.masks();
    }
  }

  /** Four steps under a mask on the task's images. */
  private static PruneReport tuned(MaskSet mask) throws IOException {
    ComparisonTask task = ComparisonTasks.open("few-digits", new TaskFiles(null, null));
    Stage stage =
        Stage.builder("tune")
            .mask(MaskRule.given(mask))
            .train(Target.WEIGHTS, TrainingSettings.WEIGHTS, task.rates().weights())
            .pass(Pass.plain())
            .length(Length.iterations(4))
            .build();
    Recipe recipe =
        new MethodRecipes(task, 2)
            .options(Recipe.of("by hand", Sparsity.of("0.95"), stage), 1)
            .build();
    try (Model network = task.network();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = Trainer.of(recipe).fit(network, task.images(1, manager))) {
      return pruned.report();
    }
  }

  @Test
  void runsWithoutTheirPrompt_areCountedPlain_andKeepAllElse() throws Exception {
    PruneReport run =
        SampleReports.minimal("VPNs", "0.9", 1, 690, 750, 50)
            .multiplyAdds(1_000, 100)
            .bytes(480, 60)
            .channels(SampleReports.channels("conv1"));

    PruneReport plain = PlainReports.of(run, "VPNs, without it");

    assertThat(plain.recipe()).isEqualTo("VPNs, without it");
    assertThat(plain.tuned()).isEqualTo(new Accuracy(1_000, 690, null));
    List<String> others = List.of("recipe", "pruned", "tuned", "prompt");
    for (RecordComponent component : PruneReport.class.getRecordComponents()) {
      if (!others.contains(component.getName())) {
        assertThat(component.getAccessor().invoke(plain))
            .as(component.getName())
            .isEqualTo(component.getAccessor().invoke(run));
      }
    }
  }

  @Test
  void tableA2_listsTheSettingsOfEveryMethod() {
    Said said = Said.of(TableA2.program(), "--steps=10");

    assertThat(said.code()).isZero();
    assertThat(said.text().lines())
        .anyMatch(line -> line.startsWith("| SynFlow | ") && line.contains("20 iterations"))
        .anyMatch(line -> line.startsWith("| VPNs | ") && line.contains("pad(8)"))
        .anyMatch(line -> line.startsWith("| HYDRA, mask of the source | mask | that of the find"))
        .anyMatch(line -> line.startsWith("| HYDRA, mask of the source | finding, mapping | id"));
  }

  /** Every main of a figure has them, by the same text. */
  @Test
  void help_ofEveryFigure_namesTheOptionsThatAreAskedFor() {
    List<Program> mains = new ArrayList<>(Reproduce.all());
    mains.addAll(List.of(new Reproduce(), TableA2.program()));
    for (Program main : mains) {
      assertThat(Said.of(main, "--help").out())
          .as(main.getClass().getSimpleName())
          .contains("--data=", "--model", "--network", "--epochs=", "--steps=", "--paper[=SET]");
    }
  }

  @Test
  void options_thatAreWrong_areTold() {
    assertThat(Said.of(new Reproduce(), "--figures=figure-2", "--out=" + out))
        .satisfies(
            said -> {
              assertThat(said.code()).isEqualTo(2);
              assertThat(said.text()).contains("unknown name: --figures; expected [figure-1,");
            });
    for (Map.Entry<String, String> wrong :
        Map.of(
                "--figures=,", "nothing listed: --figures; expected at least one, found none",
                "--sparsities=,", "nothing listed: --sparsities; ",
                "--sparsities=0.9,0.95,0.9", "listed twice: --sparsities; ")
            .entrySet()) {
      assertThat(Said.of(new Reproduce(), wrong.getKey(), "--out=" + out))
          .satisfies(
              said -> {
                assertThat(said.code()).isEqualTo(2);
                assertThat(said.text()).startsWith(wrong.getValue());
              });
    }
    assertThat(Said.of(new Figure4(), "--steps=1", "--out=" + out).text())
        .contains("stage too short: --steps");
    assertThat(Said.of(new Figure6(), "--task=cifar", "--out=" + out).text())
        .contains("folder of images missing: --task cifar");
    assertThat(out).isEmptyDirectory();
  }
}
