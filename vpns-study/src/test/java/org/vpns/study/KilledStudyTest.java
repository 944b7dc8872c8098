package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.train.RunListener;

/** A study in a process that is killed outright, so that nothing of it is tidied up. */
@Tag("slow") // starts Java several times
class KilledStudyTest {
  @TempDir Path folder;

  /** Makes the study in the folder that it is given, and halts before one of its steps. */
  public static void main(String[] args) throws IOException {
    long[] left = {Long.parseLong(args[1])};
    StudyListener listener =
        new StudyListener() {
          @Override
          public RunListener runStarted(String run, long steps) {
            return new RunListener() {
              @Override
              public void stepFinished(Step step) {
                if (--left[0] == 0) {
                  Runtime.getRuntime().halt(9); // no hook, no finally
                }
              }
            };
          }
        };
    StudyTest.study(Path.of(args[0])).listener(listener).run();
  }

  private static int start(Path folder, long step) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-D"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(KilledStudyTest.class.getName(), folder.toString(), Long.toString(step)));
    File log = folder.resolveSibling("log").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  @Test
  void study_whoseProcessHaltsAgainAndAgain_comesToTheSameResults() throws Exception {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path cut = Files.createDirectory(folder.resolve("cut"));
    StudyTest.study(whole).run();

    // an epoch has three steps, so each start comes further
    int starts = 1;
    while (start(cut, 5) == 9) {
      starts++;
      assertThat(starts).isLessThan(20);
    }

    assertThat(starts).isGreaterThan(3);
    assertThat(KeptRuns.of(cut)).isEqualTo(KeptRuns.of(whole));
  }
}
