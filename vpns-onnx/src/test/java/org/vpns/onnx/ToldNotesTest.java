package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A note of a file is told once, and again where the file is another. */
final class ToldNotesTest {
  private static final Instant FIRST = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;

  private final ToldNotes notes = new ToldNotes(100);
  private Path file = Path.of("network.onnx");

  @BeforeEach
  void write() throws IOException {
    file = write("network.onnx", "abc", FIRST);
    assertThat(notes.isNew(file, "folded")).isTrue();
  }

  private Path write(String name, String content, Instant time) throws IOException {
    Path written = Files.writeString(folder.resolve(name), content);
    return Files.setLastModifiedTime(written, FileTime.from(time));
  }

  @Test
  void note_ofTheSameFile_isToldOnce() throws IOException {
    assertThat(notes.isNew(file, "folded")).isFalse();
    assertThat(notes.isNew(folder.resolve(".").resolve("network.onnx"), "folded")).isFalse();
  }

  @Test
  void anotherNote_orOneOfAnotherFile_isTold() throws IOException {
    assertThat(notes.isNew(file, "fixed batch")).isTrue();
    assertThat(notes.isNew(write("other.onnx", "abc", FIRST), "folded")).isTrue();
    assertThat(notes.isNew(file, "folded")).isFalse();
  }

  @Test
  void note_ofAFileThatIsWrittenAnew_isToldAgain() throws IOException {
    write("network.onnx", "abcd", FIRST);
    assertThat(notes.isNew(file, "folded")).isTrue();
    write("network.onnx", "abcd", FIRST.plusSeconds(1));
    assertThat(notes.isNew(file, "folded")).isTrue();
    assertThat(notes.isNew(file, "folded")).isFalse();
  }

  @Test
  void notesBeyondTheRoom_areForgotten() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      assertThat(notes.isNew(file, "note " + i)).isTrue();
    }
    assertThat(notes.isNew(file, "note 999")).isFalse();
    assertThat(notes.isNew(file, "folded")).isTrue();
  }
}
