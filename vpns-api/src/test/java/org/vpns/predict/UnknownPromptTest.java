package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.VisualPrompt;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;

/** Prompts of a kind that no module on the class path makes. */
final class UnknownPromptTest {
  @TempDir Path folder;

  @Test
  void save_ofAKindThatNobodyMakesAgain_isRefused() {
    Path file = folder.resolve("prompt.safetensors");
    VisualPrompt prompt =
        (VisualPrompt)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {VisualPrompt.class},
                (self, method, args) -> {
                  assertThat(method.getName()).isEqualTo("kind");
                  return "stripes";
                });
    assertThatIllegalStateException()
        .isThrownBy(() -> PromptFile.save(prompt, file))
        .withMessage(
            "prompt that could not be loaded again: "
                + file
                + "; expected a PromptProvider for 'stripes', found none; add the module that has it,"
                + " or name the provider in META-INF/services/org.vpns.spi.PromptProvider.");
    assertThat(file).doesNotExist();
  }

  @Test
  void load_ofAKindThatNobodyMakes_namesTheModule() throws Exception {
    Path file = folder.resolve("prompt.safetensors");
    SafeTensors.Builder builder =
        SafeTensors.builder()
            .metadata("format", "vpns-prompt")
            .metadata("version", "1")
            .metadata("kind", "stripes")
            .metadata("input.mean", "0 0 0")
            .metadata("input.std", "1 1 1")
            .metadata("input.channels", "3");
    for (String size : new String[] {"height", "width", "imageHeight", "imageWidth"}) {
      builder.metadata("input." + size, "32");
    }
    builder.write(file);
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> PromptFile.load(manager, file))
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "prompt of a kind that no module on the class path makes: "
                  + file
                  + ", kind; expected a PromptProvider for 'stripes', found none; add the module that"
                  + " has it (vpns-prompts, or that of the prompt's author).");
    }
  }
}
