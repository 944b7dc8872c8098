package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.internal.io.FolderLock;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Many runs in a folder: once each, and again only where they are missing. */
class StudyTest {
  @TempDir Path folder;

  /** A process that ends. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The tiny network and its images. */
  private static StudyTask task(String name) {
    return new StudyTask() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Model network() {
        return TinyResNet.newModel();
      }

      @Override
      public ImageSets images(long seed, NDManager manager) {
        return TinyRuns.splits(manager).test(TinyRuns.dataset(manager, 40, 56));
      }
    };
  }

  private static Stage stage(String name, int epochs, double rate) {
    return Stage.builder(name)
        .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(rate))
        .pass(Pass.plain())
        .length(Length.epochs(epochs))
        .build();
  }

  /** Two epochs that all of a seed have in common, and one of their own. */
  private static Study.Arm<PruneReport> arm(String name, double rate) {
    return (sparsity, seed) ->
        StudyRun.of(
            Recipe.of(name, Sparsity.DENSE, stage("first", 2, 0.01), stage("last", 1, rate))
                .input(TinyRuns.input())
                .batchSize(TinyRuns.BATCH)
                .seed(seed)
                .build());
  }

  private Study<PruneReport> study() {
    return study(folder);
  }

  /** Two methods by two seeds, nine steps each. */
  static Study<PruneReport> study(Path folder) {
    return Study.of(arm("Slow", 0.001), arm("Fast & free", 0.01))
        .sparsities("0")
        .seeds(1, 2)
        .on(task("Tiny images"))
        .in(folder);
  }

  /** Counts, and ends the process after some steps. */
  private static class Events implements StudyListener {
    final List<String> told = new ArrayList<>();
    long steps;
    long stepsBefore;
    long left = Long.MAX_VALUE;

    @Override
    public void studyStarted(int runs, int kept, long newSteps) {
      told.add("study of " + runs + ", " + kept + " kept, " + newSteps + " steps");
    }

    @Override
    public RunListener runStarted(String run, long newSteps) {
      told.add("started " + run + ", " + newSteps + " steps");
      return new RunListener() {
        @Override
        public void runStarted(String recipe, long iterations, long done) {
          stepsBefore += done;
        }

        @Override
        public void stepFinished(Step step) {
          steps++;
          if (--left == 0) {
            throw new Killed();
          }
        }
      };
    }

    @Override
    public void runFinished(String run, String line) {
      told.add("finished");
    }

    @Override
    public void runFailed(String run, Throwable cause) {
      told.add("failed " + run + ": " + cause.getMessage());
    }

    @Override
    public void studyEnded() {
      told.add("ended");
    }
  }

  @Test
  void study_ofAGrid_runsTaskBySeedByMethod_andTellsOfIt() throws IOException {
    Events events = new Events();

    Study.Results<PruneReport> results = study().listener(events).run();

    // 40 images in batches of 16: three steps an epoch, three epochs
    assertThat(events.told)
        .containsExactly(
            "study of 4, 0 kept, 36 steps",
            "started Slow 0 seed 1 on Tiny images, 9 steps",
            "finished",
            "started Fast & free 0 seed 1 on Tiny images, 9 steps",
            "finished",
            "started Slow 0 seed 2 on Tiny images, 9 steps",
            "finished",
            "started Fast & free 0 seed 2 on Tiny images, 9 steps",
            "finished",
            "ended");
    assertThat(results.failures()).isEmpty();
    assertThat(results.results())
        .extracting(report -> report.recipe() + " " + report.seed())
        .containsExactly("Slow 1", "Fast & free 1", "Slow 2", "Fast & free 2");
    assertThat(KeptRuns.of(folder))
        .containsOnlyKeys(
            "tiny-images/slow-0-1.json",
            "tiny-images/slow-0-2.json",
            "tiny-images/fast-free-0-1.json",
            "tiny-images/fast-free-0-2.json");
    assertThat(folder.resolve("checkpoints/tiny-images")).isEmptyDirectory();
  }

  @Test
  void stages_thatRunsBeginWith_areRunOnce() throws IOException {
    Events events = new Events();

    Study.Results<PruneReport> results = study().listener(events).run();

    // six steps of the first stage for each seed, three of the last for each run
    assertThat(events.steps).isEqualTo(2 * 6 + 4 * 3);
    assertThat(events.stepsBefore).isEqualTo(2 * 6);
    // each report tells what its run costs alone
    assertThat(results.results()).allMatch(report -> report.gradientSteps() == 9);
  }

  @Test
  void study_startedAgain_repeatsNothing() throws IOException {
    Study.Results<PruneReport> first = study().run();
    Events events = new Events();

    Study.Results<PruneReport> second = study().listener(events).run();

    assertThat(second.results()).isEqualTo(first.results());
    assertThat(events.told).containsExactly("study of 4, 4 kept, 0 steps", "ended");
  }

  @Test
  void study_killedAtAnyStep_goesOnToTheSameResults() throws IOException {
    Path whole = folder.resolve("whole");
    Events all = new Events();
    study().in(whole).listener(all).run();

    for (long step = 1; step <= all.steps; step += 5) {
      Path cut = folder.resolve("cut" + step);
      Events first = new Events();
      first.left = step;
      assertThatThrownBy(() -> study().in(cut).listener(first).run()).isInstanceOf(Killed.class);
      Events second = new Events();

      study().in(cut).listener(second).run();

      assertThat(KeptRuns.of(cut)).isEqualTo(KeptRuns.of(whole));
      // at most the epoch of three steps that was under way is made again
      assertThat(first.steps + second.steps).isBetween(all.steps, all.steps + 3);
    }
  }

  @Test
  void runs_oneByOne_areThoseOfTheStudy() throws Exception {
    Study<PruneReport> apart = study().in(folder.resolve("apart"));
    for (int i = apart.cells().size() - 1; i >= 0; i--) {
      PruneReport report = apart.run(i, new RunListener() {});
      assertThat(report.recipe()).isEqualTo(apart.cells().get(i).run().method());
    }
    study().in(folder.resolve("whole")).run();

    assertThat(KeptRuns.of(folder.resolve("apart")))
        .isEqualTo(KeptRuns.of(folder.resolve("whole")));
  }

  @Test
  void run_thatFails_isTold_andTheOthersAreMade() throws IOException {
    Study.Arm<PruneReport> broken =
        (sparsity, seed) ->
            StudyRun.of(
                Recipe.of("Broken", Sparsity.DENSE, stage("last", 1, 0.01)).seed(seed).build(),
                (recipe, network, images) -> {
                  throw new IllegalArgumentException("no such head");
                });
    Events events = new Events();
    Study<PruneReport> study =
        Study.of(broken, arm("Slow", 0.01)).sparsities("0").on(task("tiny")).in(folder);

    Study.Results<PruneReport> results = study.listener(events).run();

    assertThat(events.told).contains("failed Broken 0 seed 1 on tiny: no such head", "ended");
    assertThat(results.results()).extracting(PruneReport::recipe).containsExactly("Slow");
    assertThat(results.failures()).containsOnlyKeys(study.cells().get(0));
    assertThat(results.failures().get(study.cells().get(0))).hasMessage("no such head");
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> study.run(0, new RunListener() {}))
        .havingCause()
        .isInstanceOf(IllegalArgumentException.class)
        .withMessage("no such head");
  }

  @Test
  void study_inAFolderOfAnother_isRefusedBeforeAnythingIsRun() throws IOException {
    study().run();
    Map<String, String> before = KeptRuns.of(folder);
    Events events = new Events();
    Study<PruneReport> other =
        Study.of(arm("New", 0.01), arm("Slow", 0.5))
            .sparsities("0")
            .on(task("Tiny images"))
            .in(folder)
            .listener(events);

    assertThatIllegalStateException()
        .isThrownBy(other::run)
        .withMessageStartingWith(
            "report of another run: " + folder.resolve("runs/tiny-images/slow-0-1.json"))
        .withMessageContaining("choose another folder");

    assertThat(events.told).isEmpty();
    assertThat(KeptRuns.of(folder)).isEqualTo(before);
  }

  @Test
  @SuppressWarnings("try") // the locks are held, not used
  void folder_thatAnotherStudyWrites_isRefused() throws IOException {
    try (FolderLock lock = FolderLock.take(folder, "study")) {
      assertThatIllegalStateException()
          .isThrownBy(study()::run)
          .withMessageStartingWith("folder in use: " + folder);
    }
    Path runs = folder.resolve("runs/tiny-images");
    try (FolderLock lock = FolderLock.take(runs, "slow-0-1.json")) {
      assertThatIllegalStateException()
          .isThrownBy(() -> study().run(0, new RunListener() {}))
          .withMessageStartingWith("folder in use: " + runs);
    }
  }

  @Test
  void models_thatAreKept_areResultFolders_andAreMadeWhereTheyAreMissing() throws IOException {
    Study<PruneReport> study =
        Study.of(arm("Slow", 0.01)).sparsities("0").on(task("tiny")).in(folder);
    PruneReport report = study.run().results().get(0);
    Study<PruneReport> keeping = study.keepingModels();
    Path model = keeping.model(keeping.cells().get(0));
    assertThat(model).isEqualTo(folder.resolve("models/tiny/slow-0-1")).doesNotExist();

    keeping.run();

    try (Model network = TinyResNet.newModel();
        PrunedModel pruned = PrunedModel.load(model, network)) {
      assertThat(pruned.report().tuned()).isEqualTo(report.tuned());
    }
  }

  @Test
  void reporter_afterEachSeed_seesWhatThereIs() throws IOException {
    List<Integer> seen = new ArrayList<>();

    study().reporting(results -> seen.add(results.results().size())).run();

    assertThat(seen).containsExactly(2, 4);
  }

  @Test
  void methods_thatAreTheSameAtAllSparsities_haveOneRun() {
    Study<PruneReport> study =
        Study.of(arm("Dense", 0.01)).sparsities("0.5", "0.9").seeds(1, 2).on(task("tiny"));

    assertThat(study.cells())
        .extracting(Study.Cell::name)
        .containsExactly("tiny/dense-0-1", "tiny/dense-0-2");
  }

  @Test
  void studies_joined_goSeedBySeed() {
    StudyTask one = task("one");
    Study<PruneReport> slow = Study.of(arm("Slow", 0.01)).sparsities("0").seeds(1, 2).on(one);
    Study<PruneReport> fast =
        Study.of(arm("Fast", 0.02)).sparsities("0").seeds(1, 2).on(one, task("two"));

    assertThat(slow.and(fast).cells())
        .extracting(Study.Cell::name)
        .containsExactly(
            "one/slow-0-1",
            "one/fast-0-1",
            "one/slow-0-2",
            "one/fast-0-2",
            "two/fast-0-1",
            "two/fast-0-2");
  }

  @Test
  void study_thatCannotBe_saysWhatItLacks() {
    Study.Grid<PruneReport> grid = Study.of(arm("Slow", 0.01)).sparsities("0");
    StudyTask tiny = task("tiny");
    for (Study.Grid<PruneReport> empty :
        List.of(
            Study.of(arm("Slow", 0.01)),
            grid.seeds(),
            Study.of(List.<Study.Arm<PruneReport>>of()).sparsities("0"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> empty.on(tiny))
          .withMessageStartingWith("empty study: Study.Grid.on; expected at least one method");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(grid::on)
        .withMessageStartingWith("empty study: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grid.sparsities("ninety"))
        .withMessageContaining("ninety");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grid.on(tiny, task("Tiny")))
        .withMessageStartingWith("two tasks of one name: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Study.of(arm("Slow", 0.01), arm("slow", 0.01)).sparsities("0").on(tiny))
        .withMessageStartingWith("two runs of one name: Study.Grid.on, tiny/slow-0-1, recipe");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grid.on(tiny).in(folder).run(1, new RunListener() {}))
        .withMessageStartingWith("no such run: Study.run; expected 0 to 0, found 1");
    assertThatIllegalStateException()
        .isThrownBy(grid.on(tiny)::run)
        .withMessageStartingWith("no folder for results: Study.run");
  }

  /** A run that gives a text, and may find the disk full. */
  private record Said(String method, boolean full) implements StudyRun<String> {
    @Override
    public Sparsity sparsity() {
      return Sparsity.of("0.5");
    }

    @Override
    public long seed() {
      return 1;
    }

    @Override
    public Map<String, String> options() {
      return Map.of("method", method);
    }

    @Override
    public long gradientSteps(long images) {
      return images;
    }

    @Override
    public String run(Place place) {
      return method + " on " + place.images().train().size() + " images";
    }

    @Override
    public void write(String result, Path file) throws IOException {
      if (full) {
        throw new IOException("No space left on device");
      }
      Files.writeString(file, result);
    }

    @Override
    public String read(Path file, Place place) throws IOException {
      return Files.readString(file);
    }

    @Override
    public String line(String result) {
      return result;
    }
  }

  @Test
  void results_ofAnyKind_areKept() throws IOException {
    Study<String> study =
        Study.of(task("tiny"), List.of(new Said("A", false), new Said("B", false))).in(folder);

    assertThat(study.run().results()).containsExactly("A on 40 images", "B on 40 images");
    assertThat(folder.resolve("runs/tiny/a-0.5-1.json")).hasContent("A on 40 images");
  }

  @Test
  void result_thatCannotBeWritten_endsTheStudy_andTheOthersStay() {
    Events events = new Events();
    Study<String> study =
        Study.of(
                task("tiny"),
                List.of(new Said("A", false), new Said("B", true), new Said("C", false)))
            .in(folder)
            .listener(events);

    assertThatIOException().isThrownBy(study::run).withMessage("No space left on device");

    assertThat(folder.resolve("runs/tiny/a-0.5-1.json")).exists();
    assertThat(events.told).last().isEqualTo("ended");
    assertThat(events.told).noneMatch(told -> told.startsWith("started C"));
  }
}
