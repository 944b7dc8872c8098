package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.ScoringSet;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.score.Scorers;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** A last batch of one image, which batch norm over one value per image cannot train on. */
final class LastBatchTest {
  private static final Sparsity HALF = Sparsity.of("0.5");
  private static final String JOINED =
      "batch norm cannot train on one image, so the last one of 33 joins the batch before: 17"
          + " images";

  @TempDir Path folder;

  /** Batch norm behind a linear layer. */
  private static Model flat() {
    Model model = Model.newInstance("flat");
    SequentialBlock block =
        new SequentialBlock()
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(6).build())
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(Linear.builder().setUnits(5).build());
    block.initialize(
        model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, SmallRuns.SIDE, SmallRuns.SIDE));
    model.setBlock(block);
    return model;
  }

  private static ImageSets splits(NDManager manager, int images) {
    return ImageSets.of(SmallRuns.dataset(manager, 0, images), 5);
  }

  private static Recipe.Builder flatRecipe(Length length) {
    return flatRecipe(length, 16);
  }

  private static Recipe.Builder flatRecipe(Length length, int batchSize) {
    return Recipe.of(Pruners.magnitude().length(length), HALF)
        .input(ImageInput.of(3, SmallRuns.SIDE, SmallRuns.SIDE))
        .batchSize(batchSize);
  }

  private static final class Sizes implements RunListener {
    private final List<Integer> images = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    @Override
    public void stepFinished(Step step) {
      images.add(step.images());
    }

    @Override
    public void warned(String message) {
      warnings.add(message);
    }
  }

  @Test
  void lastImage_thatCannotBeABatch_joinsTheOneBefore_andThatIsToldOnce() {
    Sizes sizes = new Sizes();
    try (Model model = flat();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(flatRecipe(Length.epochs(2)).build())
                .listener(sizes)
                .fit(model, splits(manager, 33))) {
      assertThat(sizes.images).containsExactly(16, 17, 16, 17);
      assertThat(pruned.report().gradientSteps()).isEqualTo(4);
      assertThat(sizes.warnings).filteredOn(JOINED::equals).hasSize(1);
      assertThat(pruned.report().warnings()).filteredOn(JOINED::equals).hasSize(1);
      assertThat(pruned.report().epochs()).isEqualTo(2.0);
    }
  }

  /**
   * Two epochs at 16 images a batch: 33 images are 16 + 17 where one cannot be a batch and 16 + 16
   * + 1 where it can, 34 are 16 + 16 + 2; of 34 with one set aside 33 are left.
   */
  @Test
  void plannedSteps_countAJoinedImageAsNoBatch() {
    Trainer trainer = Trainer.of(flatRecipe(Length.epochs(2)).build());
    Trainer taking =
        Trainer.of(
            Recipe.of(Pruners.magnitude().length(Length.epochs(2)), HALF)
                .input(FixtureRuns.input())
                .batchSize(16)
                .build());
    try (Model flat = flat();
        Model block = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(trainer.gradientSteps(flat, splits(manager, 33))).isEqualTo(2 * 2);
      assertThat(trainer.gradientSteps(flat, splits(manager, 34))).isEqualTo(2 * 3);
      assertThat(trainer.gradientSteps(flat, splits(manager, 34).validation(1 / 34.0)))
          .isEqualTo(2 * 2);
      assertThat(taking.gradientSteps(block, splits(manager, 33))).isEqualTo(2 * 3);
    }
  }

  @Test
  void run_withAJoinedBatch_resumesToTheSameBits() {
    Recipe recipe = flatRecipe(Length.epochs(2)).build();
    try (Model whole = flat();
        Model cut = flat();
        NDManager manager = NDManager.newBaseManager()) {
      for (int i = 0; i < whole.getBlock().getParameters().size(); i++) {
        cut.getBlock()
            .getParameters()
            .valueAt(i)
            .getArray()
            .set(whole.getBlock().getParameters().valueAt(i).getArray().toFloatArray());
      }
      Trainer.of(recipe).fit(whole, splits(manager, 33)).close();
      Trainer trainer = Trainer.of(recipe).checkpoints(folder).checkpointEvery(1);
      assertThatThrownBy(() -> trainer.listener(new Cut(4)).fit(cut, splits(manager, 33)))
          .hasMessageContaining("cut");
      trainer.resume().fit(cut, splits(manager, 33)).close();
      assertThat(Outcome.parameters(cut)).isEqualTo(Outcome.parameters(whole));
    }
  }

  /** One pixel more per image, and a batch of one is as good as any. */
  @Test
  void lastImage_ofANetworkThatTakesIt_staysABatch() {
    Sizes sizes = new Sizes();
    Recipe recipe =
        Recipe.of(Pruners.magnitude().length(Length.epochs(1)), HALF)
            .input(SmallRuns.input())
            .batchSize(16)
            .build();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Trainer.of(recipe).listener(sizes).fit(model, splits(manager, 33)).close();
      assertThat(sizes.images).containsExactly(16, 16, 1);
      assertThat(sizes.warnings).doesNotContain(JOINED);
    }
  }

  @Test
  void batchesOfOneImage_areRefusedAtTheStart() {
    try (Model model = flat();
        NDManager manager = NDManager.newBaseManager()) {
      var before = Outcome.parameters(model);
      assertThatThrownBy(
              () ->
                  Trainer.of(flatRecipe(Length.epochs(1), 1).build())
                      .fit(model, splits(manager, 33)))
          .hasMessageContaining(
              "expected batches of at least 2 images, found 33 training images in")
          .satisfies(Untouched::assertForm);
      assertThatThrownBy(
              () -> Trainer.of(flatRecipe(Length.epochs(1)).build()).fit(model, splits(manager, 1)))
          .hasMessageContaining("found 1 training image in batches of 16")
          .satisfies(Untouched::assertForm);
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }

  /** Two classes of one image each, in halves: as one batch. */
  @Test
  void scores_neverSeeABatchOfOneImage() {
    for (ScoringSet set :
        List.of(
            ScoringSet.perClass(1).inClassHalves(),
            ScoringSet.perClass(1),
            ScoringSet.batches(9))) {
      try (Model model = flat();
          NDManager manager = NDManager.newBaseManager()) {
        long[] labels = new long[17];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = i % 2;
        }
        ImageSets images =
            ImageSets.of(
                SmallRuns.dataset(
                    manager.randomUniform(0f, 1f, new Shape(17, 3, SmallRuns.SIDE, SmallRuns.SIDE)),
                    labels),
                2);
        Recipe recipe =
            Recipe.of(
                    new OneShotPruner("SNIP", Scorers.snip().images(set))
                        .length(Length.iterations(1)),
                    HALF)
                .input(ImageInput.of(3, SmallRuns.SIDE, SmallRuns.SIDE))
                .batchSize(16)
                .build();
        Trainer.of(recipe).fit(model, images).close();
      }
    }
  }
}
