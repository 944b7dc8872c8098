package org.vpns.study.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.study.process.TinyPlan;
import org.vpns.train.RunListener;

/** What an executor keeps of studies; here it is this JVM, without Spark. */
class ExecutorStudyTest {
  @TempDir Path marks;

  private Answer make(String rate) throws IOException {
    List<String> arguments = List.of(marks.toString(), rate);
    String fingerprint = new TinyPlan().study(arguments).fingerprint();
    Asked asked = new Asked(TinyPlan.class.getName(), arguments, fingerprint, false, Map.of());
    return ExecutorStudy.make(asked, 0, new RunListener() {});
  }

  /** An application that goes on for weeks must not fill the disks of its executors. */
  @Test
  void studies_thatAreAskedForOneAfterTheOther_leaveFewFolders() throws IOException {
    Set<Path> seen = new HashSet<>();
    for (String rate : List.of("0.001", "0.002", "0.003", "0.004", "0.001")) {
      assertThat(make(rate).kind()).isEqualTo(Answer.Kind.DONE);
      assertThat(ExecutorStudy.FOLDERS).hasSizeLessThanOrEqualTo(ExecutorStudy.MOST);
      seen.addAll(ExecutorStudy.FOLDERS);
    }

    // the first was built twice
    assertThat(seen).hasSizeGreaterThanOrEqualTo(5).filteredOn(Files::exists).hasSize(2);
    assertThat(seen.stream().filter(Files::exists)).hasSameElementsAs(ExecutorStudy.FOLDERS);
  }

  @Test
  void study_thatIsAskedForAgain_isTheOneThatWasBuilt() throws IOException {
    make("0.01");
    Set<Path> before = Set.copyOf(ExecutorStudy.FOLDERS);

    assertThat(make("0.01").kind()).isEqualTo(Answer.Kind.DONE);

    assertThat(ExecutorStudy.FOLDERS).isEqualTo(before);
  }
}
