package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.testing.JavaProcess;

/** Processes that begin the same study in one folder at the same moment. */
@Tag("slow") // starts Java several times
class StudyStartedTwiceTest {
  private static final int PROCESSES = 3;

  @TempDir Path folder;

  /** Waits for a sign, makes the study in the folder that it is given, and says how that went. */
  public static void main(String[] args) throws IOException {
    Study<?> study = TinyStudies.study(Path.of(args[0]));
    System.out.println("ready");
    System.in.read();
    try {
      System.out.println("made " + study.run().results().size());
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
    }
  }

  @Test
  void study_startedSeveralTimesAtOnce_isMadeByOne_andTheOthersAreTold() throws Exception {
    Path whole = folder.resolve("whole");
    TinyStudies.study(whole).run();
    Path contested = folder.resolve("not there/yet");

    List<String> said = saidByAll(contested);

    assertThat(said)
        .hasSize(PROCESSES)
        .containsOnlyOnce("made 4")
        .filteredOn(line -> !line.equals("made 4"))
        .allMatch(line -> line.startsWith("folder in use: " + contested + "; expected no other"));
    assertThat(KeptRuns.of(contested)).isEqualTo(KeptRuns.of(whole));
  }

  private List<String> saidByAll(Path contested) throws Exception {
    List<Process> processes = new ArrayList<>();
    List<BufferedReader> readers = new ArrayList<>();
    List<String> said = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        Process process =
            JavaProcess.of(StudyStartedTwiceTest.class, List.of(), contested.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        processes.add(process);
        readers.add(
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
      }
      for (BufferedReader reader : readers) {
        assertThat(reader.readLine()).isEqualTo("ready");
      }
      for (Process process : processes) {
        try (OutputStream in = process.getOutputStream()) {
          in.write('\n');
        }
      }
      for (BufferedReader reader : readers) {
        said.add(reader.readLine());
      }
      for (Process process : processes) {
        assertThat(process.waitFor()).isZero();
      }
      return said;
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }
}
