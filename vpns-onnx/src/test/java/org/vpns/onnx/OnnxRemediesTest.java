package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;

/** What refusals say to do, done in Python; see the README of the folder onnx-remedies. */
final class OnnxRemediesTest {
  private static final String FOLDER = "/onnx-remedies/";

  @TempDir Path folder;

  private Path copy(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(OnnxRemediesTest.class.getResourceAsStream(FOLDER + name))) {
      Path file = folder.resolve(name);
      Files.copy(in, file);
      return file;
    }
  }

  private static void assertHasTheWeight(Path file) throws IOException {
    try (Model model = Onnx.read(file)) {
      NamedParameter weight =
          Objects.requireNonNull(ParameterPaths.of(model.getBlock()).find("fc.weight"));
      assertThat(weight.parameter().getArray().toFloatArray())
          .containsExactly(1.5f, -2, 0, 4, 0.25f, -1);
    }
  }

  /** The commands of the refusal stand in {@code remedies.py}, which made the second file. */
  @ParameterizedTest
  @ValueSource(strings = {"sparse_flat", "sparse_rows"})
  void sparseInitialiser_isRefused_andReadsOnceTheRefusalIsFollowed(String name)
      throws IOException {
    Path file = copy(name + ".onnx");
    String script = Files.readString(copy("remedies.py"));
    assertThatThrownBy(() -> Onnx.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("found 1 sparse initialisers; make them dense with Python: for s in")
        .message()
        .satisfies(message -> assertThat(script).contains(commands(message)));
    assertHasTheWeight(copy(name + "_again.onnx"));
  }

  private static String[] commands(String message) {
    return message
        .substring(message.indexOf("for s in"), message.lastIndexOf('.'))
        .split(", and then ");
  }

  @Test
  void dataInAnotherFile_thatIsNotThere_isRefused_andReadsOnceItLiesBesideTheModel()
      throws IOException {
    Path file = copy("external.onnx");
    assertThatThrownBy(() -> Onnx.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'external.data' beside the model")
        .hasMessageContaining("keep the model and its data files together as they were written");
    copy("external.data");
    assertHasTheWeight(file);
  }
}
