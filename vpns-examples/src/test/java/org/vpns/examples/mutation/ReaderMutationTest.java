package org.vpns.examples.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage to files of every kind, by {@link MutationLaw}. */
final class ReaderMutationTest {
  @TempDir Path folder;

  @Test
  void read_ofDamagedFiles_givesAResultOrADocumentedException() throws Exception {
    try (Doors doors = new Doors(folder);
        MutationLaw law = new MutationLaw(folder)) {
      for (Door door : doors.list()) {
        int tries = door.tries(20);
        int refusals = 0;
        for (int i = 0; i < tries; i++) {
          refusals += law.refuses(door, i) ? 1 : 0;
        }
        // else the law would be of refusals alone, or of results
        assertThat(refusals).as(door.name()).isBetween(1, tries - 1);
      }
    }
  }
}
