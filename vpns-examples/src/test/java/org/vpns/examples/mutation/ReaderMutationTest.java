package org.vpns.examples.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.testing.JavaProcess;

/** Damage to files of every kind, by {@link MutationLaw}. */
final class ReaderMutationTest {
  @TempDir Path folder;

  @Test
  void read_ofDamagedFiles_givesAResultOrADocumentedException() throws Exception {
    try (Doors doors = new Doors(folder);
        MutationLaw law = new MutationLaw(folder)) {
      int cases = 0;
      int refusals = 0;
      for (Door door : doors.list()) {
        for (int i = 0; i < door.tries(10); i++) {
          refusals += law.refuses(door, i) ? 1 : 0;
          cases++;
        }
      }
      // else the law would be of refusals alone, or of results
      assertThat(refusals).isBetween(cases / 2, cases * 9 / 10);
    }
  }

  /** Any error ends the process, one for want of memory too; a line for each reader is printed. */
  @Test
  @Tag("slow")
  void read_of40000DamagedFilesAt512Megabytes_givesResultsOrDocumentedExceptions()
      throws Exception {
    Process process =
        JavaProcess.of(
                MutationRun.class,
                List.of(
                    "-Xmx512m",
                    "-Djava.awt.headless=true",
                    "-DOPT_OUT_TRACKING=true",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
                folder.toString(),
                "1000",
                "1285")
            .inheritIO()
            .start();
    try {
      assertThat(process.waitFor()).as("cases that break the law are printed above").isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}
