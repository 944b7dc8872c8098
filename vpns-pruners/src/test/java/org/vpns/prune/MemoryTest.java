package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.image.Augmentation;
import org.vpns.mapping.Mappings;
import org.vpns.prompt.Prompts;
import org.vpns.report.EpochRecord;
import org.vpns.testing.NativeMemory;
import org.vpns.train.Distillation;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/**
 * Memory of a long run is flat: no array more in any manager after each epoch, and memory outside
 * the heap grows by less than 10 % after a warm-up.
 */
final class MemoryTest {
  /** Memory is looked at after so many epochs, if the warm-up is a multiple of it. */
  private static final int MEASURED = 25;

  @TempDir Path folder;

  @Test
  void arrays_over300Steps_stayAsMany() throws Exception {
    try (Model model = FixtureRuns.block()) {
      run(model, 150, 40);
    }
  }

  @Test
  void arraysOfTorchScriptModule_over60Steps_stayAsMany() throws Exception {
    try (Model model = FixtureRuns.script(folder)) {
      run(model, 30, 9);
    }
  }

  /** A mask that moves every other step, and a teacher. */
  @Test
  void arraysOfMovingMaskAndTeacher_over150Steps_stayAsMany() throws Exception {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      int before = Watch.managed(model.getNDManager());
      Watch watch = new Watch(model, 20);
      Recipe recipe =
          Recipe.of(Pruners.rigl().every(2).length(Length.iterations(150)), Sparsity.of("0.8"))
              .distil(Distillation.DEFAULT)
              .input(SmallRuns.input())
              .batchSize(SmallRuns.BATCH)
              .build();
      Trainer.of(recipe).listener(watch).fit(model, SmallRuns.splits(manager)).close();
      assertThat(watch.arrays).hasSize(50).containsOnly(watch.arrays.get(0));
      assertThat(Watch.managed(model.getNDManager())).isEqualTo(before);
    }
  }

  @Test
  @Tag("slow")
  void memory_over2000Steps_isFlat() throws Exception {
    NativeMemory.assumeKnown();
    try (Model model = FixtureRuns.block()) {
      Watch watch = run(model, 1000, 200);
      List<Long> after =
          watch.kilobytes.subList(watch.warmUp / MEASURED - 1, watch.kilobytes.size());
      assertThat(after).hasSizeGreaterThan(9);
      long warm = after.get(0);
      long most = after.stream().mapToLong(Long::longValue).max().orElseThrow();
      System.out.println(
          "memory outside the heap in kB after "
              + watch.warmUp
              + " epochs: "
              + warm
              + ", at most after that: "
              + most
              + ", at the end: "
              + after.get(after.size() - 1)
              + "; arrays: "
              + watch.arrays.get(watch.arrays.size() - 1));
      // 10 % of the 380 MB that the process holds there when nothing ran before
      assertThat(most - warm).isLessThan(38_000);
    }
  }

  /** Prompted, augmented, with validation, mapping made anew every epoch and checkpoints. */
  private Watch run(Model model, long iterations, int warmUp) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Watch watch = new Watch(model, warmUp);
      Recipe recipe =
          Recipe.of(
                  Pruners.vpns()
                      .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                      .lengths(Length.iterations(iterations), Length.iterations(iterations)),
                  Sparsity.of("0.8"))
              .prompt(Prompts.random(12))
              .mapping(Mappings.iterative(1))
              .augmentation(Augmentation.shift(2).andThen(Augmentation.flip()))
              .input(SmallRuns.input())
              .batchSize(SmallRuns.BATCH)
              .build();
      Trainer.of(recipe)
          .listener(watch)
          .checkpoints(folder.resolve("run"))
          .checkpointEvery(50)
          .fit(model, SmallRuns.splits(manager).validation(SmallRuns.dataset(manager, 64, 80)))
          .close();
      List<Integer> finding = watch.arrays.subList(1, watch.firstStage);
      List<Integer> tuning = watch.arrays.subList(watch.firstStage + 1, watch.arrays.size());
      assertThat(finding).hasSizeGreaterThan(7).containsOnly(finding.get(0));
      assertThat(tuning).hasSizeGreaterThan(7).containsOnly(tuning.get(0));
      return watch;
    }
  }

  /** Counts at the end of every epoch. */
  private static final class Watch implements RunListener {
    final List<Integer> arrays = new ArrayList<>();
    final List<Long> kilobytes = new ArrayList<>();
    final int warmUp;
    private final Model model;
    int firstStage;

    Watch(Model model, int warmUp) {
      this.model = model;
      this.warmUp = warmUp;
    }

    @Override
    public void stageStarted(StageStart stage) {
      firstStage = arrays.size();
    }

    @Override
    public void epochFinished(String stage, EpochRecord epoch) {
      arrays.add(managed(model.getNDManager()));
      if (warmUp % MEASURED == 0 && arrays.size() % MEASURED == 0) {
        kilobytes.add(NativeMemory.kilobytesInUse());
      }
    }

    /** Arrays of the manager and of all managers below it. */
    private static int managed(NDManager manager) {
      return manager.getManagedArrays().size();
    }
  }
}
