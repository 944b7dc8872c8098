package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.report.PruneReport;

/** Files that are not there, where one is named that should be read. */
final class MissingFilesTest {
  @TempDir private Path folder;

  private List<ThrowingCallable> readers(Path file) {
    return List.of(
        () -> IdxFile.readImages(file),
        () -> IdxFile.readLabels(file),
        () -> CifarRecords.read("c", List.of("a"), List.of(file)),
        () -> PruneReport.read(file));
  }

  @Test
  void nothing_isToldWithWhatLiesBesideIt() throws IOException {
    Files.createFile(folder.resolve("other"));
    Path file = folder.resolve("file");
    for (ThrowingCallable reader : readers(file)) {
      assertThat(catchThrowable(reader))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("no such file: " + file + "; expected a")
          .hasMessageEndingWith("found in " + folder + " only other; check the path.");
    }
  }

  @Test
  void folder_isToldWithWhatLiesInIt() throws IOException {
    Files.createFile(folder.resolve("other"));
    for (ThrowingCallable reader : readers(folder)) {
      assertThat(catchThrowable(reader))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("folder in place of a file: " + folder + "; expected a")
          .hasMessageContaining("found a folder with other; ");
    }
  }

  /** No name of a type is told. */
  @Test
  void fileInPlaceOfAFolderOfClasses_isTold() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    for (ThrowingCallable reader :
        List.<ThrowingCallable>of(
            () -> StoredImages.classFolders(file), () -> CifarRecords.readFolder(file))) {
      assertThat(catchThrowable(reader))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("no such folder: " + file)
          .hasMessageEndingWith("found a file; check the path.");
    }
  }
}
