package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringImages;
import org.vpns.ScoringSet;
import org.vpns.Sparsity;
import org.vpns.internal.data.Pixels;
import org.vpns.io.FormatException;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyAllocations;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Runs on images that are read as they are needed. */
class StoredRunsTest {
  private static final ImageTransform SHOWN = ImageTransform.colour().centreCrop(8);
  private static final ImageTransform TRAINING =
      ImageTransform.colour().randomResizedCrop(8).horizontalFlip();
  private static final String CUT = "cut here";

  @TempDir Path folder;

  /** Forty pictures of 10 x 10 of noise, five classes. */
  private static final class Noise implements PictureStore {
    private final AtomicInteger reads = new AtomicInteger();
    private final List<Integer> broken = new ArrayList<>();

    StoredImages images() {
      int[] labels = IntStream.range(0, TinyRuns.IMAGES).map(i -> i % 5).toArray();
      return StoredImages.of("noise", this, labels, List.of("a", "b", "c", "d", "e"));
    }

    @Override
    public String where(int index) {
      return "noise/" + index;
    }

    @Override
    public Pixels read(int index) throws FormatException {
      reads.incrementAndGet();
      if (broken.contains(index)) {
        throw new FormatException("not a picture", where(index), "a picture", "none", "mend it");
      }
      Pixels pixels = Pixels.black(3, 10, 10);
      new java.util.Random(index).nextBytes(pixels.values());
      return pixels;
    }
  }

  private static Recipe recipe(Pass pass) {
    Stage stage =
        Stage.builder("train")
            .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(0.01))
            .pass(pass)
            .length(Length.epochs(3))
            .build();
    return Recipe.of("plain", Sparsity.DENSE, stage)
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private static Outcome outcome(Trainer trainer, ImageSets images) {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = trainer.fit(model, images)) {
      return Outcome.of(pruned);
    }
  }

  private static ImageSets sets(StoredDataset train) {
    return ImageSets.of(train, 5);
  }

  /** The same images in Java arrays give the same bits. */
  @Test
  void run_onStoredImages_equalsTheOneOnATable() {
    StoredImages stored = new Noise().images();
    Outcome there = outcome(Trainer.of(recipe(Pass.plain())), sets(stored.toDataset(SHOWN)));

    try (NDManager manager = NDManager.newBaseManager()) {
      ImageTable table = table(stored);
      Outcome here =
          outcome(Trainer.of(recipe(Pass.plain())), ImageSets.of(table.toDataset(manager), 5));
      assertThat(there.parameters()).isEqualTo(here.parameters());
    }
  }

  private static ImageTable table(StoredImages stored) {
    float[][] rows = new float[stored.size()][];
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      byte[] planes;
      try {
        planes = SHOWN.apply(stored.read(i)).planes();
      } catch (java.io.IOException e) {
        throw new UncheckedIOException(e);
      }
      rows[i] = new float[planes.length];
      for (int p = 0; p < planes.length; p++) {
        rows[i][p] = Byte.toUnsignedInt(planes[p]) / 255f;
      }
      labels[i] = stored.label(i);
    }
    return ImageTable.of("noise", 3, 8, 8, rows, labels, stored.classNames());
  }

  /** Random pieces are those of seed, epoch and image: no thread and no interruption moves them. */
  @Test
  void run_withRandomPieces_isTheSameWithFourThreads_andCutAndResumed() {
    StoredDataset one = new Noise().images().toDataset(SHOWN).training(TRAINING).threads(1);
    Trainer trainer = Trainer.of(recipe(Pass.plain()));
    Outcome whole = outcome(trainer, sets(one));

    assertThat(outcome(trainer, sets(one.threads(4).prefetch(5)))).isEqualTo(whole);
    for (long cut : new long[] {1, 4, 6}) {
      Trainer kept = trainer.checkpoints(folder.resolve("cut" + cut)).checkpointEvery(1);
      assertThatThrownBy(() -> outcome(kept.listener(cutAt(cut)), sets(one)))
          .hasMessageContaining(CUT);
      assertThat(outcome(kept.resume(), sets(one.threads(2)))).isEqualTo(whole);
    }
    // and they do something
    assertThat(outcome(trainer, sets(one.training(SHOWN))).parameters())
        .isNotEqualTo(whole.parameters());
  }

  private static RunListener cutAt(long step) {
    return new RunListener() {
      private long steps;

      @Override
      public void stepFinished(Step done) {
        if (++steps == step) {
          throw new IllegalStateException(CUT);
        }
      }
    };
  }

  @Test
  void passWithoutAugmentation_seesTheImagesAlike() {
    StoredImages images = new Noise().images();
    Trainer trainer = Trainer.of(recipe(Pass.plain().unaugmented()));

    assertThat(outcome(trainer, sets(images.toDataset(SHOWN).training(TRAINING))).parameters())
        .isEqualTo(outcome(trainer, sets(images.toDataset(SHOWN))).parameters());
  }

  /** A run of other pieces is another run. */
  @Test
  void resume_withAnotherTransform_isRefused() {
    StoredDataset images = new Noise().images().toDataset(SHOWN);
    Trainer kept = Trainer.of(recipe(Pass.plain())).checkpoints(folder).checkpointEvery(1);
    assertThatThrownBy(() -> outcome(kept.listener(cutAt(2)), sets(images.training(TRAINING))))
        .hasMessageContaining(CUT);
    assertThatThrownBy(() -> outcome(kept.resume(), sets(images)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("training images shown");
  }

  /** Scores that every weight has alike, of images that are asked for by class. */
  private record ByClass(Noise noise, List<Long> labels, List<Integer> reads) implements Scorer {
    @Override
    public Scores score(ScoringContext context) {
      int before = noise.reads.get();
      ScoringImages images = context.images(ScoringSet.perClass(2));
      reads.add(noise.reads.get() - before);
      images.forEach(
          (inputs, classes) -> LongStream.of(classes.toLongArray()).forEach(labels::add));
      reads.add(noise.reads.get() - before);
      return Scores.of(context.layout(), new float[context.layout().size()]);
    }

    @Override
    public String describe() {
      return "by class";
    }
  }

  @Test
  void imagesOfEachClass_areChosenWithoutReadingOthers() {
    Noise noise = new Noise();
    ByClass scorer = new ByClass(noise, new ArrayList<>(), new ArrayList<>());
    Stage stage =
        Stage.builder("score")
            .mask(MaskRule.once(scorer, TinyAllocations.global(), Sparsity.of(0.5)))
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(0.01))
            .pass(Pass.plain())
            .length(Length.epochs(1))
            .build();
    Recipe recipe =
        Recipe.of("by class", Sparsity.of(0.5), stage)
            .input(TinyRuns.input())
            .batchSize(TinyRuns.BATCH)
            .build();
    try (Model model = TinyResNet.newModel()) {
      Trainer.of(recipe).findMask(model, sets(noise.images().toDataset(SHOWN)));
    }

    assertThat(scorer.reads).containsExactly(0, 10);
    assertThat(scorer.labels).containsExactlyInAnyOrder(0L, 0L, 1L, 1L, 2L, 2L, 3L, 3L, 4L, 4L);
  }

  @Test
  void brokenPicture_endsTheRunByName_andLeavesTheModel() {
    Noise noise = new Noise();
    noise.broken.add(23);
    StoredDataset images = noise.images().toDataset(SHOWN);
    try (Model model = TinyResNet.newModel()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      Trainer trainer = Trainer.of(recipe(Pass.plain()));
      assertThatThrownBy(() -> trainer.fit(model, sets(images)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("not a picture: noise/23");
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }
}
