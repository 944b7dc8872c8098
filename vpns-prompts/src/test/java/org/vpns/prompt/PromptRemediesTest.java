package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ImageInput;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PromptFile;

/** What refusals of prompt files say to do, done. */
final class PromptRemediesTest {
  private static final String AGAIN = "save the prompt again or take a copy";

  @TempDir private Path folder;
  private Path file;
  private PromptRunner runner;

  @BeforeEach
  void save() throws IOException {
    runner = new PromptRunner(Prompts.pad(2), ImageInput.of(3, 12, 9).imageSize(7, 6));
    file = folder.resolve("prompt.safetensors");
    PromptFile.save(runner.prompt, file);
  }

  @AfterEach
  void close() {
    runner.close();
  }

  private void assertLoads() throws IOException {
    PromptFile.load(runner.manager, file).clear();
  }

  private void assertRefused(Path other, String key, String remedy) {
    assertThatThrownBy(() -> PromptFile.load(runner.manager, other).clear())
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("not a prompt file: " + other + ", " + key + "; expected ")
        .hasMessageEndingWith("; " + remedy + ".");
  }

  @Test
  void weights_areRefused_andThePromptBesideThemLoads() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    SafeTensors.builder().putFloats("w", new Shape(2), new float[] {1, 2}).write(weights);
    assertRefused(
        weights,
        "format",
        "pass a file that PromptFile.save wrote, such as prompt.safetensors of a result folder");
    assertLoads();
  }

  @ParameterizedTest
  @CsvSource({
    "version, 2, version, 'read it with the version of vpns that wrote it, or save the prompt"
        + " again'",
    "crc32, 00000000, crc32, ",
    "input.width, nine, input.width, ",
    "input.std, 0 1 1, input, ",
    "option.pixels, 50, kind, "
  })
  void changedEntry_isRefused_andThePromptSavedAgainLoads(
      String key, String value, String told, String remedy) throws IOException {
    SafeTensors saved = SafeTensors.read(file);
    Map<String, String> entries = new TreeMap<>(saved.metadata());
    assertThat(entries).containsKey(key);
    entries.put(key, value);
    SafeTensors.Builder builder = SafeTensors.builder();
    entries.forEach(builder::metadata);
    float[] values = saved.floats("delta");
    builder.putFloats("delta", new Shape(values.length), values).write(file);
    assertRefused(file, told, remedy == null ? AGAIN : remedy);
    PromptFile.save(runner.prompt, file);
    assertLoads();
  }

  /** As where a copy goes on while the file is read. */
  @Test
  void fileThatBecomesShorter_isRefused_andReadsOnceItIsWhole() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    SafeTensors begun = SafeTensors.read(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 4));
    assertThatThrownBy(() -> begun.floats("delta"))
        .hasStackTraceContaining(
            "file became shorter: "
                + file
                + "; expected at least "
                + whole.length
                + " bytes, found "
                + (whole.length - 4)
                + "; read it again once it is whole, and do not change a file in use.");
    Files.write(file, whole);
    assertThat(SafeTensors.read(file).floats("delta")).isNotEmpty();
    assertLoads();
  }
}
