package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.Seeds;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PromptFile;
import org.vpns.testing.Mutations;

/** Damaged prompt files: a refusal, or a prompt; never anything else. */
final class PromptDamageTest {
  private static final ImageInput INPUT =
      ImageInput.of(3, 12, 9).imageSize(7, 6).imageNetNormalisation();

  @TempDir private Path folder;

  private int refusedOf(int files, String stream) throws IOException {
    var random = new Seeds(20240605).stream(stream);
    List<PromptSpec> specs =
        List.of(
            Prompts.pad(2),
            Prompts.fix(5).sigmoid(),
            Prompts.random(4).patch(),
            Prompts.region("diagonal", (canvas, row, column) -> row == column));
    int refused = 0;
    for (PromptSpec spec : specs) {
      try (PromptRunner runner = new PromptRunner(spec, INPUT)) {
        Path file = folder.resolve("prompt.safetensors");
        PromptFile.save(runner.prompt, file);
        byte[] whole = Files.readAllBytes(file);
        int before = runner.manager.getManagedArrays().size();
        for (int i = 0; i < files / specs.size(); i++) {
          Files.write(file, Mutations.mutate(whole, random));
          try {
            PromptFile.load(runner.manager, file).clear();
          } catch (IOException e) {
            refused++;
          }
        }
        assertThat(runner.manager.getManagedArrays().size()).isEqualTo(before);
      }
    }
    return refused;
  }

  @Test
  void load_ofDamagedFiles_refusesOrGivesAPrompt() throws IOException {
    // values are under a checksum; what passes is damage of numbers in the metadata
    assertThat(refusedOf(999, "damage")).isBetween(700, 990);
  }

  @Test
  void load_ofACanvasThatNoHeapHolds_isRefusedBeforeItIsMade() throws IOException {
    try (PromptRunner runner = new PromptRunner(Prompts.pad(2), INPUT)) {
      Path file = folder.resolve("prompt.safetensors");
      PromptFile.save(runner.prompt, file);
      SafeTensors saved = SafeTensors.read(file);
      float[] values = saved.floats("delta");
      for (String side : List.of("46340", "2147483647")) {
        SafeTensors.Builder builder = SafeTensors.builder();
        saved
            .metadata()
            .forEach(
                (key, value) ->
                    builder.metadata(key, key.matches("input.(height|width)") ? side : value));
        builder.putFloats("delta", new Shape(values.length), values).write(file);
        assertThatThrownBy(() -> PromptFile.load(runner.manager, file))
            .isInstanceOf(FormatException.class)
            .hasMessageContaining("canvas; expected at most");
      }
    }
  }

  @Test
  @Tag("slow")
  void load_ofManyDamagedFiles_refusesOrGivesAPrompt() throws IOException {
    assertThat(refusedOf(19_998, "much damage")).isBetween(14_000, 19_900);
  }
}
