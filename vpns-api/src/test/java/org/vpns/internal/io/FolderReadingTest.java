package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.SafeTensors;

/** Readers beside a writer: one writing or the other, never half of each, never "damaged". */
final class FolderReadingTest {
  private static final AtomicFolder ABC = AtomicFolder.of("a", "b", "c");

  private static final int WRITINGS = 20;

  @TempDir Path folder;

  private void write(int number) throws IOException {
    ABC.write(
        folder,
        temporary -> {
          for (String name : List.of("a", "b", "c")) {
            Files.writeString(temporary.resolve(name), Integer.toString(number));
          }
        });
  }

  /** What {@code c} holds after something else. */
  private String readAfter(FolderReading.Reading<?> first) throws IOException {
    return FolderReading.of(
        folder,
        "c",
        check -> {
          first.read(check);
          return Files.readString(folder.resolve("c"));
        });
  }

  private List<String> read() throws IOException {
    return FolderReading.of(
        folder,
        "c",
        check -> {
          List<String> all = new ArrayList<>();
          for (String name : List.of("c", "a", "b")) {
            all.add(Files.readString(folder.resolve(name)));
          }
          check.requireSame();
          return all;
        });
  }

  @Test
  void read_besideAWriter_isOfOneWriting() throws Exception {
    write(0);
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger writings = new AtomicInteger();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> writer =
          thread.submit(
              () -> {
                int number = 0;
                while (!over.get()) {
                  write(++number);
                  writings.set(number);
                  Thread.sleep(5);
                }
                return number;
              });
      // on a fast machine many readings are over before the first writing
      for (int i = 0; i < 150 || writings.get() < WRITINGS && !writer.isDone(); i++) {
        List<String> found = read();
        assertThat(found).containsOnly(found.get(0));
      }
      over.set(true);
      assertThat(writer.get()).isGreaterThanOrEqualTo(WRITINGS);
    } finally {
      over.set(true);
      thread.shutdownNow();
    }
  }

  /** Written once between the first file and the last: read again, and right. */
  @Test
  void read_thatIsOvertaken_beginsAgain() throws IOException {
    write(1);
    List<String> seen = new ArrayList<>();
    String found =
        FolderReading.of(
            folder,
            "c",
            check -> {
              seen.add(Files.readString(folder.resolve("c")));
              if (seen.size() == 1) {
                write(2);
              }
              String a = Files.readString(folder.resolve("a"));
              check.requireSame();
              return seen.get(seen.size() - 1) + a;
            });
    assertThat(found).isEqualTo("22");
    assertThat(seen).containsExactly("1", "2");
  }

  @Test
  void read_ofAFolderThatNobodyWrites_failsAtOnce() throws IOException {
    int[] calls = {0};
    assertThatThrownBy(() -> readAfter(check -> ++calls[0]))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(calls[0]).isEqualTo(1);
  }

  /** Overtaken by a writer at every turn; once that has ended, the same reading succeeds. */
  @Test
  void folder_thatIsWrittenAgainAndAgain_isRefused_andReadsWhenTheWriterHasEnded()
      throws IOException {
    write(1);
    AtomicInteger writings = new AtomicInteger(1);
    assertThatThrownBy(
            () ->
                readAfter(
                    check -> {
                      write(writings.incrementAndGet());
                      check.requireSame();
                      return "";
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "folder was written while it was read: "
                + folder
                + "; expected files of one writing, found those of two; read it again when the"
                + " writer has ended.");
    assertThat(read()).containsOnly(Integer.toString(writings.get()));
  }

  /** A tensor file whose header was read is not continued with another file's data. */
  @Test
  void floats_ofAFileReplacedWhileOpen_areRefused() throws IOException {
    Path file = folder.resolve("x.safetensors");
    one(file, 1);
    SafeTensors open = SafeTensors.read(file);
    assertThat(open.floats("x")).containsExactly(1);
    one(file, 3);
    assertThatThrownBy(() -> open.floats("x"))
        .hasMessageContaining("file was replaced while it was read: " + file);
    assertThat(SafeTensors.read(file).floats("x")).containsExactly(3);
  }

  private static void one(Path file, float value) throws IOException {
    SafeTensors.builder().putFloats("x", new Shape(1), new float[] {value}).write(file);
  }
}
