package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.VisualPrompt;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PromptFile;

class PromptFileTest {
  private static final ImageInput INPUT =
      ImageInput.of(3, 12, 9).imageSize(7, 6).imageNetNormalisation();

  @TempDir private Path folder;

  @Test
  void load_ofSavedPrompt_makesAnEqualOne() throws IOException {
    Path file = folder.resolve("prompt.safetensors");
    for (PromptSpec spec :
        List.of(
            Prompts.pad(2).randomStart(),
            Prompts.fix(5).sigmoid(),
            Prompts.random(4).patch().perImage().excludeLast(),
            Prompts.random(4),
            Prompts.expansive(),
            Prompts.none())) {
      try (PromptRunner saved = new PromptRunner(spec, INPUT)) {
        if (saved.prompt.parameterCount() > 0) {
          saved.noise(5);
        }
        PromptFile.save(saved.prompt, file);
        VisualPrompt loaded = PromptFile.load(saved.manager, file);
        assertThat(loaded.kind()).isEqualTo(spec.kind());
        assertThat(loaded.options()).isEqualTo(spec.options());
        assertThat(loaded.input()).isEqualTo(INPUT);
        assertThat(loaded.picture()).containsExactly(saved.prompt.picture());
        assertThat(PromptFile.picture(file))
            .containsExactly(saved.prompt.picture(), Offset.offset(1e-6f));
        assertThat(loaded.delta().getArray().toFloatArray()).containsExactly(saved.values());
      }
    }
  }

  @Test
  void load_ofFileThatIsNoPrompt_namesTheField() throws IOException {
    Map<String, String> good;
    float[] values;
    try (PromptRunner runner = new PromptRunner(Prompts.pad(2), INPUT)) {
      PromptFile.save(runner.noise(5).prompt, folder.resolve("good.safetensors"));
      good = SafeTensors.read(folder.resolve("good.safetensors")).metadata();
      values = runner.values();
    }
    assertRefused(Map.of(), values, "format");
    assertRefused(with(good, "format", "vpns-mask"), values, "format");
    assertRefused(with(good, "version", "2"), values, "version");
    assertRefused(with(good, "kind", "frame"), values, "kind");
    assertRefused(with(good, "option.pixels", "7"), values, "kind");
    assertRefused(with(good, "option.pixels", "wide"), values, "kind");
    assertRefused(with(good, "option.pixels", "1"), values, "delta");
    assertRefused(with(good, "input.height", "many"), values, "input.height");
    assertRefused(with(good, "input.imageHeight", "13"), values, "input");
    assertRefused(with(good, "input.mean", "0.5, 0.5"), values, "input.mean");
    assertRefused(with(good, "input.std", "1 1 0"), values, "input");
    assertRefused(with(good, "option.pixels", "0"), values, "tensors");
    assertRefused(with(good, "kind", "none"), values, "kind");
    float[] changed = values.clone();
    changed[3] += 1e-3f;
    assertRefused(good, changed, "crc32");
    assertRefused(good, java.util.Arrays.copyOf(values, 5), "delta");
    assertRefused(good, new float[0], "tensors");
  }

  @Test
  void picture_ofAFileThatIsDamaged_isRefused() throws IOException {
    Path file = folder.resolve("prompt.safetensors");
    try (PromptRunner runner = new PromptRunner(Prompts.pad(2), INPUT)) {
      PromptFile.save(runner.noise(5).prompt, file);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      Files.write(file, bytes);
    }
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> PromptFile.picture(file))
        .withMessageContaining("crc32");
  }

  /** As many bytes, but whole numbers. */
  @Test
  void load_ofValuesOfAnotherType_isRefused() throws IOException {
    Path file = folder.resolve("prompt.safetensors");
    try (PromptRunner runner = new PromptRunner(Prompts.pad(2), INPUT)) {
      PromptFile.save(runner.prompt, file);
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      Files.writeString(file, text.replace("F32", "U32"), StandardCharsets.ISO_8859_1);
      assertThatExceptionOfType(FormatException.class)
          .isThrownBy(() -> PromptFile.load(runner.manager, file))
          .withMessageContaining("expected floats, found U32")
          .satisfies(e -> assertThat(e.field()).isEqualTo("delta"));
    }
  }

  @Test
  void load_ofFileCutShort_orMissing_fails() throws IOException {
    Path file = folder.resolve("prompt.safetensors");
    try (PromptRunner runner = new PromptRunner(Prompts.pad(2), INPUT)) {
      PromptFile.save(runner.prompt, file);
      byte[] bytes = Files.readAllBytes(file);
      for (int length : new int[] {0, 7, 100, bytes.length - 1}) {
        Files.write(file, java.util.Arrays.copyOf(bytes, length));
        assertThatExceptionOfType(FormatException.class)
            .isThrownBy(() -> PromptFile.load(runner.manager, file));
      }
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(() -> PromptFile.load(runner.manager, folder.resolve("none")));
    }
  }

  private void assertRefused(Map<String, String> metadata, float[] values, String field)
      throws IOException {
    Path file = folder.resolve("bad.safetensors");
    SafeTensors.Builder builder = SafeTensors.builder();
    metadata.forEach(builder::metadata);
    if (values.length > 0) {
      builder.putFloats("delta", new Shape(values.length), values);
    }
    builder.write(file);
    try (PromptRunner runner = new PromptRunner(Prompts.none(), INPUT)) {
      int before = runner.manager.getManagedArrays().size();
      assertThatExceptionOfType(FormatException.class)
          .isThrownBy(() -> PromptFile.load(runner.manager, file))
          .withMessageContaining("bad.safetensors")
          .satisfies(e -> assertThat(e.field()).isEqualTo(field));
      assertThat(runner.manager.getManagedArrays().size()).isEqualTo(before);
    }
  }

  private static Map<String, String> with(Map<String, String> good, String key, String value) {
    Map<String, String> changed = new HashMap<>(good);
    changed.put(key, value);
    return changed;
  }
}
