package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.internal.io.FolderLock;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** One run of a study is made by one process at a time. */
final class KeptRunsTest {
  @TempDir Path folder;

  @Test
  void run_thatAnotherIsMaking_isRefused() throws IOException {
    Recipe recipe =
        Recipe.of(
                "One",
                Sparsity.of("0.5"),
                Stage.builder("tune")
                    .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(0.1))
                    .pass(Pass.plain())
                    .length(Length.epochs(1))
                    .build())
            .build();
    KeptRuns runs = new KeptRuns(folder);
    Path reports = folder.resolve("runs");
    try (Model model = Model.newInstance("empty");
        NDManager manager = NDManager.newBaseManager();
        FolderLock other = FolderLock.take(reports, KeptRuns.fileName(recipe))) {
      ArrayDataset one =
          new ArrayDataset.Builder()
              .setData(manager.ones(new Shape(1, 1, 2, 2)))
              .optLabels(manager.create(new long[] {0}))
              .setSampling(1, false)
              .build();
      assertThatIllegalStateException()
          .isThrownBy(() -> runs.run(recipe, model, ImageSets.of(one, 2)))
          .withMessageStartingWith("folder in use: " + reports);
    }
    try (var files = Files.list(reports)) {
      assertThat(files).isEmpty();
    }
  }
}
