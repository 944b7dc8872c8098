package org.vpns.study.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.report.PruneReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.Study;
import org.vpns.testing.JavaProcess;

/** Who asked for runs is killed outright, and has no time to end its workers. */
@Tag("slow") // starts Java three times
class KilledParentTest {
  private static final List<String> METHODS = List.of("waits once");

  @TempDir Path folder;

  /** Has a worker make the study of the folder that it is given. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    study(folder).run(WorkerProcesses.of(1, TinyPlan.class, arguments(folder)));
  }

  private static List<String> arguments(Path folder) {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arguments.addAll(METHODS);
    return arguments;
  }

  private static Study<PruneReport> study(Path folder) throws IOException {
    return new TinyPlan().study(arguments(folder)).in(folder);
  }

  private Process start() throws IOException {
    return JavaProcess.of(KilledParentTest.class, List.of(), folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  /** The worker has the run's lock until it ends. */
  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES) // it waits for what would never come
  void worker_whoseParentIsKilled_ends_andItsRunCanBeMadeAgain() throws Exception {
    StudyFolder kept = new StudyFolder(folder);
    String run = study(folder).cells().get(0).name();
    Process parent = start();
    try {
      Path waiting = folder.resolve("waits once1");
      while (!Files.exists(waiting)) {
        assertThat(parent.isAlive()).as(() -> log()).isTrue();
        parent.waitFor(50, TimeUnit.MILLISECONDS);
      }
      assertThatIllegalStateException().isThrownBy(() -> kept.lock(run));
    } finally {
      parent.destroyForcibly().waitFor();
    }

    awaitLock(kept, run);

    Files.writeString(folder.resolve("waits once2"), ""); // that of the other seed does not wait
    assertThat(study(folder).run().results()).hasSize(2);
    Path whole = Files.createDirectory(folder.resolve("whole"));
    for (int seed = 1; seed <= 2; seed++) {
      Files.writeString(whole.resolve("waits once" + seed), "");
    }
    study(whole).run();
    assertThat(KeptRuns.of(folder)).isEqualTo(KeptRuns.of(whole));
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Tries as long as the test may take; each try waits a moment by itself. */
  @SuppressWarnings("try") // the lock is held, not used
  private static void awaitLock(StudyFolder kept, String run) throws IOException {
    while (true) {
      try (FolderLock lock = kept.lock(run)) {
        return;
      } catch (IllegalStateException e) { // the worker still has it
        assertThat(e).hasMessageStartingWith("folder in use");
      }
    }
  }
}
