package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers of other processes: kept out while they live, cleared away after they were killed. */
final class KilledWriterTest {
  private static final AtomicFolder ABC = AtomicFolder.of("a", "b", "c");

  @TempDir Path outer;

  private List<String> names(Path folder) throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(Path folder, String content) throws IOException {
    ABC.write(
        folder,
        temporary -> {
          Files.writeString(temporary.resolve("a"), content);
          Files.writeString(temporary.resolve("c"), content);
        });
  }

  private void assertInUse(Path folder, String name) {
    assertThatThrownBy(() -> FolderLock.take(folder, name))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "folder in use: "
                + folder
                + "; expected no other run that writes its "
                + name
                + ", found one under way, by the lock on ."
                + name
                + ".lock; wait until it has ended, or choose another folder.");
  }

  @Test
  void lock_ofALivingProcess_isRefused_ofAKilledOneTaken() throws IOException {
    try (Holder holder = Holder.start("lock", outer)) {
      assertInUse(outer, "checkpoint");
      assertInUse(outer, "checkpoint"); // the first refusal did not end the lock
      FolderLock.take(outer, "other").close();
    }
    assertThat(names(outer)).containsExactly(".checkpoint.lock");
    FolderLock.take(outer, "checkpoint").close();
    assertThat(names(outer)).isEmpty();
  }

  @Test
  void lock_ofThisProcess_isRefusedToAllOthers() throws IOException {
    try (FolderLock lock = FolderLock.take(outer, "checkpoint")) {
      assertInUse(outer, "checkpoint");
      assertThatThrownBy(() -> Holder.start("lock", outer)).hasMessage("the process has not begun");
    }
    try (Holder holder = Holder.start("lock", outer)) {
      assertInUse(outer, "checkpoint");
    }
  }

  @Test
  void lock_ofAFolderThatWasNotThere_takesItAwayUnlessUsed() throws IOException {
    Path folder = outer.resolve("new");
    FolderLock.take(folder, "checkpoint").close();
    assertThat(folder).doesNotExist();
    try (FolderLock lock = FolderLock.take(folder, "checkpoint")) {
      Files.writeString(folder.resolve("a"), "kept");
    }
    assertThat(names(folder)).containsExactly("a");
  }

  @Test
  void file_ofAKilledWriter_isClearedByTheNext_notThatOfALivingOne() throws IOException {
    Path file = outer.resolve("a.bin");
    Path other = Files.writeString(outer.resolve(".a.tmp"), "of somebody else");
    try (Holder holder = Holder.start("file", file)) {
      AtomicFiles.writeText(outer.resolve("b.txt"), "while it lives");
      assertThat(names(outer)).hasSize(3).contains(".a.tmp", "b.txt");
    }
    assertThat(names(outer)).hasSize(3);
    AtomicFiles.writeText(outer.resolve("b.txt"), "after");
    assertThat(names(outer)).containsExactly(".a.tmp", "b.txt");
    assertThat(other).hasContent("of somebody else");
  }

  @Test
  void folder_ofAKilledWriter_isClearedByTheNext_newOrOld() throws IOException {
    Path folder = outer.resolve("result");
    for (String content : List.of("first", "second")) {
      Path home = Files.exists(folder) ? folder : outer;
      int before = names(home).size();
      try (Holder holder = Holder.start("folder", folder)) {
        assertThatThrownBy(() -> write(folder, content)).hasMessageStartingWith("folder in use: ");
        write(outer.resolve("beside"), "another result beside it");
      }
      assertThat(names(home).size()).isGreaterThan(before + 1); // lock and copy
      write(folder, content);
      assertThat(names(outer)).containsExactly("beside", "result");
      assertThat(names(folder)).containsExactly("a", "c");
      assertThat(folder.resolve("c")).hasContent(content);
    }
  }

  @Test
  void folder_whoseWriterWasKilled_isClearedByAnotherResultToo() throws IOException {
    Holder.start("folder", outer.resolve("result")).close();
    write(outer.resolve("beside"), "content");
    assertThat(names(outer)).containsExactly("beside");
  }

  @Test
  void folder_inThePlaceOfAFile_isToldInWords() throws IOException {
    Path file = Files.writeString(outer.resolve("file"), "a file");
    for (Path folder : List.of(file, file.resolve("below"))) {
      assertThatThrownBy(() -> write(folder, "x"))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("folder cannot be written: " + folder + "; ");
    }
    assertThat(file).hasContent("a file");
  }
}
