package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.vpns.study.TinyStudies.arm;
import static org.vpns.study.TinyStudies.stage;
import static org.vpns.study.TinyStudies.task;

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
import org.vpns.report.PruneReport;
import org.vpns.train.RunListener;

/** Many runs in a folder: once each, and again only where they are missing. */
class StudyTest {
  @TempDir Path folder;

  private Study<PruneReport> study() {
    return TinyStudies.study(folder);
  }

  @Test
  void study_ofAGrid_runsTaskBySeedByMethod_andTellsOfIt() throws IOException {
    StudyEvents events = new StudyEvents();

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
  void run_thatFails_isTold_andTheOthersAreMade() throws IOException {
    Study.Arm<PruneReport> broken =
        (sparsity, seed) ->
            StudyRun.of(
                TinyStudies.recipe("Broken", seed, stage("last", 1, 0.01)),
                (recipe, network, images) -> {
                  throw new IllegalArgumentException("no such head");
                });
    StudyEvents events = new StudyEvents();
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
    StudyEvents events = new StudyEvents();
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
