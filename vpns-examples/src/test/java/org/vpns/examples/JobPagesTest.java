package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNets;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis;
import org.vpns.study.Study;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Pages for a job each: their code is compiled, and run on a few small pictures. */
class JobPagesTest {
  private static final String FAIR = "docs/compare-methods-fairly.md";
  private static final String RESUME = "docs/stop-and-go-on.md";
  private static final String DEPLOY = "docs/deploy.md";

  @TempDir Path folder;

  private FairExample.Pictures pictures;

  @BeforeEach
  void draw() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 48; i++) {
      boolean bright = i % 2 == 0;
      BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < 256; p++) {
        int level = random.nextInt(128) + (bright ? 128 : 0);
        image.setRGB(p % 16, p / 16, level << 16 | level << 8 | level);
      }
      Path file =
          folder
              .resolve(i < 32 ? "train" : "test")
              .resolve(bright ? "bright" : "dark")
              .resolve(i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
    try (Model model = ResNets.small().withInput(3, 16, 16).withClasses(2).newModel("small", 1)) {
      SafeTensors.Builder weights = SafeTensors.builder();
      ParameterPaths.of(model.getBlock())
          .forEach(
              p -> weights.putFloats(p.path(), p.shape(), p.parameter().getArray().toFloatArray()));
      weights.write(folder.resolve("network.safetensors"));
    }
    pictures = new FairExample.Pictures(folder);
  }

  private static void links(String page) throws IOException {
    assertThat(Snippets.links(page)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    assertThat(Snippets.blocks(FAIR, "java"))
        .containsExactly(
            Snippets.region("test", "FairExample.java", "task"),
            Snippets.region("test", "FairExample.java", "recipes"),
            Snippets.region("test", "FairExample.java", "study"),
            Snippets.region("test", "FairExample.java", "judge"));
    assertThat(Snippets.blocks(RESUME, "java"))
        .containsExactly(
            Snippets.region("test", "ResumeExample.java", "resume"),
            Snippets.region("test", "ResumeExample.java", "stop"),
            Snippets.region("test", "ResumeExample.java", "study"));
    assertThat(Snippets.blocks(DEPLOY, "java"))
        .containsExactly(
            Snippets.region("test", "GuideExample.java", "predict"),
            Snippets.region("test", "GuideExample.java", "serve"),
            Snippets.region("test", "SparseServiceExample.java", "predict"));
    links(FAIR);
    links(RESUME);
    links(DEPLOY);
  }

  @Test
  void methods_areComparedAtEqualCost_andTheStudyGoesOn() throws Exception {
    Study<PruneReport> study = FairExample.study(folder, folder.resolve("study"));

    Hypothesis.Judgement judgement = FairExample.judge(study, folder);

    assertThat(judgement.details()).hasSize(2);
    assertThat(judgement.verdict()).isNotEqualTo(Hypothesis.Verdict.UNKNOWN);
    assertThat(folder.resolve("report.html")).isNotEmptyFile();
    Study.Results<PruneReport> again = ResumeExample.study(study, folder.resolve("study"));
    assertThat(again.failures()).isEmpty();
    assertThat(again.results())
        .hasSize(18)
        .allSatisfy(report -> assertThat(report.gradientSteps()).isEqualTo(40));
  }

  @Test
  void run_thatWasStopped_goesOnToTheSameResult() throws Exception {
    Recipe recipe = FairExample.omp(Sparsity.of(0.9), 1);
    PruneReport whole;
    try (NDManager manager = NDManager.newBaseManager();
        Model model = pictures.network()) {
      ImageSets images = pictures.images(1, manager);
      PruneReport stopped = ResumeExample.stopped(model, recipe, images, folder);
      assertThat(stopped.gradientSteps()).isEqualTo(1);
      assertThat(folder.resolve("checkpoints")).isNotEmptyDirectory();
      assertThat(stopped.warnings()).anyMatch(warning -> warning.contains("stopped"));
    }
    try (NDManager manager = NDManager.newBaseManager();
        Model model = pictures.network()) {
      whole = ResumeExample.run(model, recipe, pictures.images(1, manager), folder);
    }
    assertThat(whole.gradientSteps()).isEqualTo(40);
    try (NDManager manager = NDManager.newBaseManager();
        Model model = pictures.network();
        var alone = Trainer.of(recipe).fit(model, pictures.images(1, manager))) {
      assertThat(whole.tuned()).isEqualTo(alone.report().tuned());
      assertThat(whole.stages().get(0).losses()).isEqualTo(alone.report().stages().get(0).losses());
    }
  }

  @Test
  void checkpoint_ofAnotherRun_isRefused() throws Exception {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = pictures.network()) {
      ImageSets images = pictures.images(1, manager);
      ResumeExample.stopped(model, FairExample.omp(Sparsity.of(0.9), 1), images, folder);
      assertThatThrownBy(
              () -> ResumeExample.run(model, FairExample.omp(Sparsity.of(0.8), 1), images, folder))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("checkpoint of another run");
    }
  }
}
