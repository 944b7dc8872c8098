package org.vpns.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ai.djl.Model;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.model.ResNets;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.train.Recipe;
import org.vpns.weights.WeightFile;

/** The paper's set-up on a set of two classes and six pictures. */
class PaperTaskTest {
  @TempDir Path folder;

  private void pictures(String part, String name, int count, int colour) throws Exception {
    Path place = Files.createDirectories(folder.resolve(part).resolve(name));
    for (int i = 0; i < count; i++) {
      BufferedImage picture = new BufferedImage(40 + i, 30, BufferedImage.TYPE_INT_RGB);
      picture.setRGB(i, 5, colour);
      ImageIO.write(picture, "png", place.resolve(i + ".png").toFile());
    }
  }

  /** Cats and dogs, and the weights beside them. */
  private Path picturesAndWeights() throws Exception {
    pictures("train", "cat", 2, 0xff0000);
    pictures("train", "dog", 2, 0x00ff00);
    pictures("test", "cat", 1, 0xff0000);
    pictures("test", "dog", 1, 0x00ff00);
    Path weights = folder.resolve("resnet18.safetensors");
    try (Model model = ResNets.resnet18().newModel("random", 1)) {
      WeightFile.save(model.getBlock(), weights, Map.of());
    }
    return weights;
  }

  @Test
  void foldersOfPictures_areTrainedOnAt224_byThePapersRecipe() throws Exception {
    Path weights = picturesAndWeights();

    ComparisonTask task = ComparisonTasks.open("paper-folders", new TaskFiles(folder, weights));

    // an epoch is one batch
    assertThat(task.steps()).isEqualTo(30);
    Recipe recipe = MethodArms.of(task, 30).recipe("VPNs", Sparsity.of("0.9"), 7);
    assertThat(recipe.options().toString())
        .contains(
            "pad(16)",
            "224 x 224",
            "SCORES Adam(betas 0.9 0.999, epsilon 1.0E-8, decay 1.0E-4) cosine 1.0E-4",
            "PROMPT SGD(momentum 0.9, decay 1.0E-4) cosine 0.01");
    ArmTable arms = MethodArms.of(task, 2);
    Study.Results<PruneReport> results =
        Study.of((Study.Arm<PruneReport>) (s, seed) -> arms.run("VPNs", s, seed))
            .sparsities("0.9")
            .on(task)
            .in(folder.resolve("out"))
            .run();
    assertThat(results.failures()).isEmpty();
    PruneReport report = results.results().get(0);
    assertThat(report.trainingImages()).isEqualTo(4);
    assertThat(report.provenance().get("training images shown"))
        .contains("resize(252, 252)", "randomCrop", "horizontalFlip");
    assertThat(report.mapping()).hasDimensions(2, 1);
  }

  @Test
  void paper_choosesItsTaskAndSparsities() throws Exception {
    Path weights = picturesAndWeights();
    List<String> options =
        List.of(
            "--paper=folders", "--data=" + folder, "--model=" + weights, "--epochs=3", "--seeds=1");

    Study<PruneReport> study = study(options, "--methods=OMP");

    assertThat(study.cells())
        .allSatisfy(cell -> assertThat(cell.task().name()).isEqualTo("paper-folders"))
        .extracting(cell -> cell.run().sparsity().toString())
        .containsExactly("0.4", "0.5", "0.6", "0.7", "0.8", "0.9");
    // an epoch is one batch; tuning is as long as both stages of others
    assertThat(study.cells().get(0).run().gradientSteps(4)).isEqualTo(2 * 3);
    assertThat(study(options, "--methods=OMP", "--sparsities=0.95").cells()).hasSize(1);
  }

  private static Study<PruneReport> study(List<String> options, String... more) throws IOException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return new CompareMethods().study(all);
  }

  @Test
  void files_thatAreMissing_areNamed() {
    assertThatIOException()
        .isThrownBy(() -> ComparisonTasks.open("paper-cifar100", new TaskFiles(folder, null)))
        .withMessageStartingWith("file of weights missing: --task paper-cifar100")
        .withMessageContaining("resnet18.pth in the folder of images");
    assertThatIOException()
        .isThrownBy(() -> ComparisonTasks.open("paper-pets", new TaskFiles(null, null)))
        .withMessageStartingWith(
            "folder of images missing: --task paper-pets; expected --data with the folder of its"
                + " images, ");
    Path none = folder.resolve("none");
    assertThatIOException()
        .isThrownBy(() -> ComparisonTasks.open("paper-folders", new TaskFiles(none, null)))
        .withMessageStartingWith(
            "no such folder: "
                + none
                + "; expected --data with the folder of its images, found"
                + " nothing; ");
    assertThatIOException()
        .isThrownBy(
            () ->
                ComparisonTasks.open(
                    "paper-folders",
                    new TaskFiles(folder, Files.createFile(folder.resolve("weights")))))
        .withMessage(
            "no such folder: "
                + folder.resolve("train")
                + "; expected a folder, found nothing; check the path.");
  }
}
