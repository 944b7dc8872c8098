package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.report.PruneReport;
import org.vpns.testing.JavaProcess;
import org.vpns.train.RunListener;

/** A study in a process that is killed outright, so that nothing of it is tidied up. */
@Tag("slow") // starts Java several times
class KilledStudyTest {
  private static final String STEP = "a step";

  /** No step to halt before. */
  private static final long NEVER = Long.MAX_VALUE;

  @TempDir Path folder;

  /** Makes the study in the folder that it is given, tells each step, and halts before one. */
  public static void main(String[] args) throws IOException {
    long[] left = {Long.parseLong(args[1])};
    StudyListener listener =
        new StudyListener() {
          @Override
          public RunListener runStarted(String run, long steps) {
            return new RunListener() {
              @Override
              public void stepFinished(Step step) {
                System.out.println(STEP);
                if (--left[0] == 0) {
                  Runtime.getRuntime().halt(9); // no hook, no finally
                }
              }
            };
          }
        };
    study(Path.of(args[0])).listener(listener).run();
  }

  /** Two methods by six seeds: of each seed six steps in common and three by method. */
  private static Study<PruneReport> study(Path folder) {
    return Study.of(TinyStudies.arm("Slow", 0.001), TinyStudies.arm("Fast", 0.01))
        .sparsities("0")
        .seeds(1, 2, 3, 4, 5, 6)
        .on(TinyStudies.task("Tiny images"))
        .in(folder);
  }

  private static Process start(Path folder, long step) throws IOException {
    return JavaProcess.of(KilledStudyTest.class, List.of(), folder.toString(), Long.toString(step))
        .redirectError(folder.resolveSibling("log").toFile())
        .start();
  }

  /** Lets it go as far as it will, or kills it with SIGKILL once it has told of so many steps. */
  private static int end(Process process, long steps) throws Exception {
    try (BufferedReader told =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      long left = steps;
      for (String line = told.readLine(); line != null && left > 0; line = told.readLine()) {
        if (line.equals(STEP) && --left == 0) {
          process.destroyForcibly();
          break;
        }
      }
      return process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }

  /** All files of a study, by their names. */
  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.map(file -> folder.relativize(file).toString()).sorted().toList();
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGKILL")
  void study_thatIsKilledThreeTimes_comesToTheSameResults_andLeavesTheSameFiles() throws Exception {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path cut = Files.createDirectory(folder.resolve("cut"));
    study(whole).run();

    // 72 steps in all: wherever the kill comes, it is behind the sixth and before the last
    for (int kill = 0; kill < 3; kill++) {
      assertThat(end(start(cut, NEVER), 6)).isEqualTo(128 + 9);
      assertThat(KeptRuns.of(cut)).isNotEqualTo(KeptRuns.of(whole));
    }
    assertThat(end(start(cut, NEVER), NEVER)).isZero();

    assertThat(KeptRuns.of(cut)).isEqualTo(KeptRuns.of(whole));
    assertThat(files(cut)).isEqualTo(files(whole));
  }

  @Test
  void study_whoseProcessHaltsAgainAndAgain_comesToTheSameResults() throws Exception {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path cut = Files.createDirectory(folder.resolve("cut"));
    study(whole).run();

    // an epoch has three steps, so each start comes further
    int starts = 1;
    while (end(start(cut, 11), NEVER) == 9) {
      starts++;
      assertThat(starts).isLessThan(20);
    }

    assertThat(starts).isGreaterThan(3);
    assertThat(KeptRuns.of(cut)).isEqualTo(KeptRuns.of(whole));
  }
}
