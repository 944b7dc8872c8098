package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void write_overAnOldFile_leavesTheNewContentAlone() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFiles.writeText(file, "a long old content");
    AtomicFiles.writeText(file, "grün");
    assertThat(file).hasContent("grün");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void write_failingHalfWay_keepsTheOldFileAndNoTemporary() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFiles.writeText(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(new byte[200_000]);
                      throw new IOException("disk on fire");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk on fire");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("a.txt");
  }

  /** A device of Linux whose disk is always full. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void file_onAFullDisk_isNamed() throws IOException {
    Path file = folder.resolve("report.html");
    String full =
        "file cannot be written: "
            + file
            + "; expected a disk that takes it, found No space left on device; make room or choose"
            + " another folder; what stood there before still does.";
    try (OutputStream disk = Files.newOutputStream(Path.of("/dev/full"))) {
      FileOutput output = new FileOutput(file, disk);
      assertThatIOException().isThrownBy(() -> output.write(new byte[10])).withMessage(full);
      assertThatIOException().isThrownBy(() -> output.write(1)).withMessage(full);
    }
  }

  /** A run that is told to stop by its executor writes what it has, or tries to. */
  @Test
  void write_inAThreadThatIsInterrupted_saysSo_andLeavesNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("report.html"), "old");
    Thread.currentThread().interrupt();
    try {
      assertThatIOException()
          .isThrownBy(() -> AtomicFiles.writeText(file, "new"))
          .withMessage(
              "file cannot be written: "
                  + file
                  + "; expected a disk that takes it, found an interrupt of the thread that writes;"
                  + " write it again after Thread.interrupted(), which clears it; what stood there"
                  + " before still does.");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("report.html");
  }

  /** A folder of Linux in which nobody makes files. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void write_whereNoFileCanBeMade_namesTheFileThatWasAskedFor() {
    assertThatIOException()
        .isThrownBy(() -> AtomicFiles.writeText(Path.of("/proc/self/report.html"), "x"))
        .withMessageStartingWith(
            "file cannot be written: /proc/self/report.html; expected a disk that takes it, found ")
        .withMessageContaining("or choose another folder; what stood there before still does.");
  }

  @Test
  void write_whileWriting_theTargetIsNotYetSeen() throws IOException {
    Path file = folder.resolve("b.bin");
    AtomicFiles.write(
        file,
        out -> {
          out.write(1);
          out.flush();
          assertThat(file).doesNotExist();
        });
    assertThat(file).hasBinaryContent(new byte[] {1});
  }

  @Test
  void write_overAFolder_saysSo_andLeavesNothing() throws IOException {
    Path place = Files.createDirectory(folder.resolve("place"));
    assertThatThrownBy(() -> AtomicFiles.writeText(place, "new"))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining(
            "folder in the place of a file: " + place + "; expected a file, or nothing yet, found");
    assertThat(folder).isDirectoryContaining("glob:**place");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void write_intoAMissingFolder_namesTheFolder() {
    Path file = folder.resolve("none").resolve("a.txt");
    assertThatThrownBy(() -> AtomicFiles.writeText(file, "x"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no folder to write into")
        .hasMessageContaining(folder.resolve("none").toString());
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(p -> p.getFileName().toString()).toList().stream();
    }
  }
}
