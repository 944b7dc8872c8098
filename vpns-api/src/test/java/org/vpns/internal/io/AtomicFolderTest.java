package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFolderTest {
  private static final AtomicFolder ABC = AtomicFolder.of("a", "b", "c");

  @TempDir Path outer;

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static IoConsumer<Path> files(String... namesAndContents) {
    return folder -> {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        Files.writeString(folder.resolve(namesAndContents[i]), namesAndContents[i + 1]);
      }
    };
  }

  @Test
  void write_ofNewFolder_createsItWithItsParents() throws IOException {
    Path folder = outer.resolve("x/y/z");
    ABC.write(folder, files("a", "1", "c", "3"));
    assertThat(names(folder)).containsExactly("a", "c");
    assertThat(names(outer.resolve("x/y"))).containsExactly("z");
    assertThat(folder.resolve("c")).hasContent("3");
  }

  /** Until its last file is there the folder does not exist at all. */
  @Test
  void write_ofNewFolder_showsNothingBeforeTheEnd() throws IOException {
    Path folder = outer.resolve("new");
    ABC.write(
        folder,
        temporary -> {
          files("a", "1", "b", "2", "c", "3").accept(temporary);
          assertThat(folder).doesNotExist();
        });
    assertThat(names(folder)).containsExactly("a", "b", "c");
  }

  @Test
  void write_overAnOldFolder_replacesItsFilesAndNoOthers() throws IOException {
    Path folder = outer.resolve("old");
    ABC.write(folder, files("a", "1", "b", "2", "c", "3"));
    Files.writeString(folder.resolve("mine"), "kept");
    Files.createDirectory(folder.resolve("sub"));
    ABC.write(folder, files("a", "10", "c", "30"));
    assertThat(names(folder)).containsExactly("a", "c", "mine", "sub");
    assertThat(folder.resolve("a")).hasContent("10");
    assertThat(folder.resolve("c")).hasContent("30");
    assertThat(folder.resolve("mine")).hasContent("kept");
  }

  @Test
  void delete_takesItsFilesAndTheFolder_butNoOthers() throws IOException {
    Path folder = outer.resolve("old");
    ABC.write(folder, files("a", "1", "c", "3"));
    ABC.delete(folder);
    assertThat(folder).doesNotExist();

    ABC.write(folder, files("a", "1", "c", "3"));
    Files.writeString(folder.resolve("mine"), "kept");
    ABC.delete(folder);
    assertThat(names(folder)).containsExactly("mine");
  }

  @Test
  void write_thatFails_leavesTheOldFolderAndNoTemporary() throws IOException {
    Path folder = outer.resolve("old");
    ABC.write(folder, files("a", "1", "c", "3"));
    for (Path target : List.of(folder, outer.resolve("new"))) {
      assertThatThrownBy(
              () ->
                  ABC.write(
                      target,
                      temporary -> {
                        files("a", "10", "b", "20").accept(temporary);
                        throw new IOException("disk on fire");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("disk on fire");
    }
    assertThat(names(outer)).containsExactly("old");
    assertThat(names(folder)).containsExactly("a", "c");
    assertThat(folder.resolve("a")).hasContent("1");
  }

  @Test
  void write_whereAFolderIsInTheWay_changesNothing() throws IOException {
    Path folder = outer.resolve("old");
    ABC.write(folder, files("a", "1", "c", "3"));
    Files.createDirectory(folder.resolve("b"));
    assertThatThrownBy(() -> ABC.write(folder, files("a", "10", "b", "20", "c", "30")))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("folder in the place of a file: " + folder.resolve("b"));
    assertThat(folder.resolve("a")).hasContent("1");
    assertThat(folder.resolve("c")).hasContent("3");
  }

  @Test
  void write_intoAnEmptyFolderOrThroughALink_keepsIt() throws IOException {
    Path folder = Files.createDirectory(outer.resolve("empty"));
    Path link;
    try {
      link = Files.createSymbolicLink(outer.resolve("link"), folder);
    } catch (UnsupportedOperationException | IOException e) {
      link = folder;
    }
    ABC.write(link, files("a", "1", "c", "3"));
    assertThat(names(folder)).containsExactly("a", "c");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void write_throughALinkThatLeadsNowhere_saysSo_andWritesOnceItIsMoved() throws IOException {
    Path link = Files.createSymbolicLink(outer.resolve("link"), outer.resolve("gone"));
    assertThatThrownBy(() -> ABC.write(link, files("a", "1", "c", "3")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "folder cannot be written: "
                + link
                + "; expected a folder to write into, found a link that leads nowhere, "
                + link
                + "; move it or choose another folder.");
    assertThat(names(outer)).containsExactly("link");
    Files.delete(link);
    ABC.write(link, files("a", "1", "c", "3"));
    assertThat(names(link)).containsExactly("a", "c");
  }
}
