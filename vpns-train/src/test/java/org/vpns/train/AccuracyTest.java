package org.vpns.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;

/** Right answers without a run. */
class AccuracyTest {
  private static Trainer trainer() {
    Stage stage = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(1)).build();
    return Trainer.of(
        Recipe.of("tuning", Sparsity.DENSE, stage)
            .input(TinyRuns.input())
            .batchSize(TinyRuns.BATCH)
            .build());
  }

  @Test
  void accuracy_ofANetwork_isThatWithWhichARunBegins() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets images = TinyRuns.splits(manager).test(TinyRuns.dataset(manager, 40, 80));
      List<float[]> before = weights(model);

      Accuracy found = trainer().accuracy(model, images);

      assertThat(found.images()).isEqualTo(40);
      assertThat(weights(model)).usingRecursiveComparison().isEqualTo(before);
      try (PrunedModel pruned = trainer().fit(model, images)) {
        assertThat(pruned.report().dense()).isEqualTo(found);
      }
    }
  }

  private static List<float[]> weights(Model model) {
    List<float[]> weights = new ArrayList<>();
    ParameterPaths.of(model.getBlock())
        .forEach(p -> weights.add(p.parameter().getArray().toFloatArray()));
    return weights;
  }

  @Test
  void accuracy_withoutTestImages_isRefused() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> trainer().accuracy(model, TinyRuns.splits(manager)))
          .hasMessageContaining("no images to count right answers on: Trainer.accuracy")
          .hasMessageContaining("ImageSets.test");
    }
  }
}
