package org.vpns.study.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.report.PruneReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.Study;
import org.vpns.testing.JavaProcess;
import org.vpns.train.RunListener;

/**
 * A disk that takes results and no checkpoints, as one that is nearly full: by the limit that a
 * shell sets on the size of files, of which anybody may have a smaller one.
 */
@Tag("slow") // starts Java several times
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such limit")
class FullDiskTest {
  /** In blocks of 512 bytes: a result has 4 kB, a checkpoint of the tiny network 50 kB. */
  private static final int LIMIT = 80;

  @TempDir Path folder;

  private static Study<PruneReport> study(Path marks, Path folder) throws IOException {
    return new TinyPlan().study(arguments(marks)).in(folder);
  }

  private static List<String> arguments(Path marks) {
    return List.of(marks.toString(), "0.001", "0.01");
  }

  /** Makes the study with so many workers, none or more, and says how it ended. */
  public static void main(String[] args) {
    Path marks = Path.of(args[0]);
    int workers = Integer.parseInt(args[2]);
    try {
      Study<PruneReport> study = study(marks, Path.of(args[1]));
      if (workers == 0) {
        study.run();
      } else {
        study.run(WorkerProcesses.of(workers, TinyPlan.class, arguments(marks)));
      }
      System.out.println("done");
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
  }

  private String said(Path study, int workers) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", "ulimit -f " + LIMIT + " && exec \"$0\" \"$@\""));
    command.addAll(
        JavaProcess.of(
                FullDiskTest.class,
                List.of(),
                folder.toString(),
                study.toString(),
                Integer.toString(workers))
            .command());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void study_onADiskThatIsFull_endsWithThat_andGoesOnOnceThereIsRoom(int workers) throws Exception {
    Path whole = folder.resolve("whole");
    Path full = folder.resolve("full");
    study(folder, whole).run();
    study(folder, full).run(0, new RunListener() {});

    assertThat(said(full, workers))
        .startsWith("checkpoint cannot be written: " + full)
        .contains("File too large")
        .hasLineCount(1);

    Map<String, String> kept = new TreeMap<>(KeptRuns.of(full));
    kept.keySet().removeIf(name -> name.endsWith(".lock")); // of a worker that was stopped
    // of the first seed a run is made, or both, as the other needs no checkpoint any more
    assertThat(KeptRuns.of(whole).entrySet()).hasSize(4).containsAll(kept.entrySet());
    assertThat(kept).hasSizeBetween(1, 2);
    try (Stream<Path> files = Files.walk(full)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
    }
    assertThat(study(folder, full).run().failures()).isEmpty();
    assertThat(KeptRuns.of(full)).isEqualTo(KeptRuns.of(whole));
  }
}
