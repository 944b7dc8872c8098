package org.vpns.examples.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ParameterPaths;
import org.vpns.examples.mutation.Door.Reading;

/** Readers that break the law are found out. */
final class MutationLawTest {
  @TempDir Path folder;

  private boolean refuses(Reading reading, @Nullable Model model) throws Exception {
    Door door =
        new Door(
            "bad reader",
            List.of(Map.of("file", new byte[40])),
            1,
            files -> files,
            Set.of(IOException.class),
            model,
            reading);
    try (MutationLaw law = new MutationLaw(folder)) {
      return law.refuses(door, 3);
    }
  }

  private void assertBreaks(Reading reading, @Nullable Model model, String words) {
    assertThatThrownBy(() -> refuses(reading, model))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("bad reader, case 3, ")
        .hasMessageContaining(words);
    // the case stays for whoever looks for the reason
    assertThat(folder.resolve("bad reader-3/in/file")).exists();
  }

  private static Reading refusing(String message) {
    return (place, random) -> {
      throw new IOException(message);
    };
  }

  @Test
  void refuses_aReaderThatKeepsTheLaw_tellsItsAnswer() throws Exception {
    assertThat(refuses((place, random) -> out -> {}, null)).isFalse();
    assertThat(refuses(refusing("damaged file: it; expected x"), null)).isTrue();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refuses_anExceptionThatIsNotDocumented_fails() {
    assertBreaks(
        (place, random) -> {
          throw new IllegalArgumentException("damaged file: it; expected x");
        },
        null,
        "IllegalArgumentException");
    assertBreaks(
        (place, random) ->
            out -> {
              throw new IOException("damaged file: it; expected x"); // reading is over
            },
        null,
        "IOException");
  }

  @Test
  void refuses_aMessageThatNobodyCanRead_fails() {
    assertBreaks(refusing("damaged file: \u001b[31m"), null, "\\u001b");
    assertBreaks(refusing("damaged file\n".repeat(40)), null, "lines of");
    assertBreaks(refusing("x".repeat(9000)), null, "8000");
    assertBreaks(refusing("null"), null, "null");
  }

  @Test
  void refuses_aReaderThatLeavesSomething_fails() {
    assertBreaks(
        (place, random) -> {
          Files.createFile(place.resolve("left"));
          return out -> {};
        },
        null,
        "left");
    try (NDManager manager = NDManager.newBaseManager()) {
      assertBreaks(
          (place, random) -> {
            manager.create(1f);
            return out -> {};
          },
          null,
          "arrays left");
    }
  }

  @Test
  void refuses_aReaderThatChangesTheModelAndThenRefuses_fails() {
    try (Model model = Samples.network()) {
      assertBreaks(
          (place, random) -> {
            ParameterPaths.of(model.getBlock())
                .list()
                .get(0)
                .parameter()
                .getArray()
                .set(new float[18]);
            throw new IOException("damaged file: it; expected x");
          },
          model,
          "model given");
    }
  }
}
