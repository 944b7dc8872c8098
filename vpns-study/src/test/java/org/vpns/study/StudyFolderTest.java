package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.study.TinyStudies.arm;
import static org.vpns.study.TinyStudies.task;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.io.FolderLock;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.testing.TinyResNet;
import org.vpns.train.RunListener;

/** What a study does with what its folder has already. */
class StudyFolderTest {
  @TempDir Path folder;

  private Study<PruneReport> study() {
    return TinyStudies.study(folder);
  }

  @Test
  void study_startedAgain_repeatsNothing() throws IOException {
    Study.Results<PruneReport> first = study().run();
    StudyEvents events = new StudyEvents();

    Study.Results<PruneReport> second = study().listener(events).run();

    assertThat(second.results()).isEqualTo(first.results());
    assertThat(events.told).containsExactly("study of 4, 4 kept, 0 steps", "ended");
  }

  /** A process may end between writing a result and dropping the run's checkpoints. */
  @Test
  void checkpoints_ofRunsThatAreDone_goWhenTheStudyIsStartedAgain() throws Exception {
    study().run();
    List<Path> left =
        study().cells().stream().map(c -> folder.resolve("checkpoints").resolve(c.name())).toList();
    for (Path checkpoints : left) {
      Files.createDirectories(checkpoints);
      Files.writeString(checkpoints.resolve("checkpoint.safetensors"), "of a run that is done");
    }

    study().run(0, new RunListener() {});
    assertThat(left.get(0)).doesNotExist();
    study().run();
    assertThat(left).allSatisfy(checkpoints -> assertThat(checkpoints).doesNotExist());
  }

  @Test
  void study_killedAtAnyStep_goesOnToTheSameResults() throws IOException {
    Path whole = folder.resolve("whole");
    StudyEvents all = new StudyEvents();
    study().in(whole).listener(all).run();

    for (long step = 1; step <= all.steps; step += 5) {
      Path cut = folder.resolve("cut" + step);
      StudyEvents first = new StudyEvents();
      first.left = step;
      assertThatThrownBy(() -> study().in(cut).listener(first).run())
          .isInstanceOf(StudyEvents.Killed.class);
      StudyEvents second = new StudyEvents();

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
  void study_inAFolderOfAnother_isRefusedBeforeAnythingIsRun() throws IOException {
    study().run();
    Map<String, String> before = KeptRuns.of(folder);
    StudyEvents events = new StudyEvents();
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
  void stages_thatRunsBeginWith_areRunOnce() throws IOException {
    StudyEvents events = new StudyEvents();

    Study.Results<PruneReport> results = study().listener(events).run();

    // six steps of the first stage for each seed, three of the last for each run
    assertThat(events.steps).isEqualTo(2 * 6 + 4 * 3);
    assertThat(events.stepsBefore).isEqualTo(2 * 6);
    // each report tells what its run costs alone
    assertThat(results.results()).allMatch(report -> report.gradientSteps() == 9);
  }
}
