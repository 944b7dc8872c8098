package org.vpns.internal.study.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a run go from one folder to another, and nowhere else. */
class RunArchiveTest {
  private static final String RUN = "digits/omp-0.9-1";

  @TempDir Path folder;
  private StudyFolder from;
  private StudyFolder to;

  @BeforeEach
  void folders() {
    from = new StudyFolder(folder.resolve("from"));
    to = new StudyFolder(folder.resolve("to"));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void files_ofARun_leaveOneFolderForTheOther() throws IOException {
    write(from.result(RUN), "result");
    write(from.result("digits/omp-0.9-2"), "other");
    write(from.model(RUN).resolve("weights"), "weights");
    write(from.model(RUN).resolve("pages/report.html"), "page");

    byte[] archive = RunArchive.take(from, RUN);

    assertThat(from.result(RUN)).doesNotExist();
    assertThat(from.model(RUN)).doesNotExist();
    assertThat(from.result("digits/omp-0.9-2")).hasContent("other");
    RunArchive.put(to, archive);
    assertThat(to.result(RUN)).hasContent("result");
    assertThat(to.model(RUN).resolve("weights")).hasContent("weights");
    assertThat(to.model(RUN).resolve("pages/report.html")).hasContent("page");
    assertThat(to.result("digits/omp-0.9-2")).doesNotExist();
  }

  @Test
  void files_thatAreThere_areReplaced() throws IOException {
    write(from.result(RUN), "new");
    write(from.model(RUN).resolve("weights"), "new weights");
    write(to.result(RUN), "old");
    write(to.model(RUN).resolve("prompt"), "old prompt");

    RunArchive.put(to, RunArchive.take(from, RUN));

    assertThat(to.result(RUN)).hasContent("new");
    assertThat(to.model(RUN)).isDirectoryContaining("glob:**weights");
    assertThat(to.model(RUN).resolve("prompt")).doesNotExist();
  }

  private static byte[] archive(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write("text".getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runs/../../out.json",
        "models/digits/omp-0.9-1/../../../../out",
        "models/digits/omp-0.9-2/weights",
        "/out.json",
        "runs/digits/other.json",
        "runs\\..\\out.json",
        "runs/digits/./omp.json",
        "stages/first",
        "models/digits/omp-0.9-1",
      })
  void names_thatAreNoneOfTheRun_areRefused(String name) throws IOException {
    byte[] archive = archive("runs/" + RUN + ".json", name);

    assertThatIOException()
        .isThrownBy(() -> RunArchive.put(to, archive))
        .withMessageStartingWith("answer of a worker that is no result of a run: ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void archive_withoutAResult_isRefused() throws IOException {
    byte[] archive = archive("models/" + RUN + "/weights");

    assertThatIOException()
        .isThrownBy(() -> RunArchive.put(to, archive))
        .withMessageContaining("found no file below runs");
  }
}
