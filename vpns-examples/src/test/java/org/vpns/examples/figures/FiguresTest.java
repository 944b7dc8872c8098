package org.vpns.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.examples.Program;
import org.vpns.examples.compare.ComparisonTasks;
import org.vpns.examples.compare.TaskFiles;
import org.vpns.report.Accuracy;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.testing.SampleReports;
import picocli.CommandLine;

/** The paper's figures, with so few steps that they take seconds. */
class FiguresTest {
  @TempDir Path out;

  /** What a call printed, after its exit code. */
  private record Said(int code, String text) {}

  private Said call(Program program, String... options) {
    StringWriter text = new StringWriter();
    CommandLine line = program.toCommandLine();
    line.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
    int code = line.execute(options);
    return new Said(code, text.toString());
  }

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
      assertThat(figure.claims(setting.task(), List.of("0.95"))).as(figure.id()).isNotEmpty();
    }
  }

  @Test
  void reproduce_ofTwoFigures_runsWhatTheyShareOnce_andWritesAllClaims() throws Exception {
    String[] options = {
      "--figures=figure-5,figure-a11", "--steps=2", "--seeds=1", "--sparsities=0.95", "--out=" + out
    };
    Said said = call(new Reproduce(), options);

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
        .doesNotContain("http");
    assertThat(Files.readAllLines(out.resolve("figure-5/comparison.csv"))).hasSize(4);
    assertThat(out.resolve("figure-a11/report.html")).isNotEmptyFile();
    assertThat(out.resolve("claims.md")).content().contains("Figure 5: another network");

    PruneReport run = PruneReport.read(out.resolve("runs/few-digits/omp-0.95-1.json"));
    assertThat(run.trainingImages()).isEqualTo(200);
    assertThat(run.tuned().images()).isEqualTo(1_597);
  }

  @Test
  void masks_ofTheSource_areThoseOfItsImages() throws Exception {
    Said said = call(new Figure6(), "--steps=2", "--seeds=1", "--sparsities=0.95", "--out=" + out);

    assertThat(said.code()).as(said.text()).isZero();
    Path runs = out.resolve("runs/few-digits");
    PruneReport omp = PruneReport.read(runs.resolve("omp-mask-of-the-source-0.95-1.json"));
    PruneReport hydra = PruneReport.read(runs.resolve("hydra-mask-of-the-source-0.95-1.json"));
    assertThat(omp.kept()).isEqualTo(3_854).isEqualTo(hydra.kept());
    // the mask was given, not found in tuning, and each method has its own
    assertThat(omp.stages()).hasSize(1);
    assertThat(omp.provenance().toString()).contains("given, 3854 of 77072");
    assertThat(omp.layers())
        .extracting(LayerRecord::kept)
        .isNotEqualTo(hydra.layers().stream().map(LayerRecord::kept).toList());

    // kept, and held against the same masks found anew
    assertThat(call(new Figure6(), "--steps=2", "--seeds=1", "--sparsities=0.95", "--out=" + out))
        .satisfies(again -> assertThat(again.code()).as(again.text()).isZero());
  }

  @Test
  void runsWithoutTheirPrompt_areCountedPlain() {
    PruneReport run = SampleReports.minimal("VPNs", "0.9", 1, 690, 750, 50);

    PruneReport plain = PlainReports.of(run, "VPNs, without it");

    assertThat(plain.recipe()).isEqualTo("VPNs, without it");
    assertThat(plain.tuned()).isEqualTo(new Accuracy(1_000, 690, null));
    assertThat(plain.seed()).isEqualTo(run.seed());
  }

  @Test
  void tableA2_listsTheSettingsOfEveryMethod() {
    Said said = call(TableA2.program(), "--steps=10");

    assertThat(said.code()).isZero();
    assertThat(said.text().lines())
        .anyMatch(line -> line.startsWith("| SynFlow | ") && line.contains("20 iterations"))
        .anyMatch(line -> line.startsWith("| VPNs | ") && line.contains("pad(8)"));
  }

  @Test
  void options_thatAreWrong_areTold() {
    assertThat(call(new Reproduce(), "--figures=figure-2", "--out=" + out))
        .satisfies(
            said -> {
              assertThat(said.code()).isEqualTo(2);
              assertThat(said.text()).contains("no such figure: --figures; expected [figure-1,");
            });
    assertThat(call(new Figure4(), "--steps=1", "--out=" + out).text())
        .contains("stage too short: --steps");
    assertThat(call(new Figure6(), "--task=cifar", "--out=" + out).text())
        .contains("folder of images missing: --task cifar");
    assertThat(out).isEmptyDirectory();
  }
}
