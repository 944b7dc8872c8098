package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;

class StoredPromptTest {
  private static final ImageInput INPUT = ImageInput.of(3, 12, 9).imageSize(7, 6);

  @Test
  void loadParameters_ofSavedPrompt_givesItsValues() throws Exception {
    for (PromptSpec spec :
        List.of(Prompts.pad(2), Prompts.random(4).sigmoid(), Prompts.none(), Prompts.pad(0))) {
      try (PromptRunner saved = new PromptRunner(spec, INPUT);
          PromptRunner loaded = new PromptRunner(spec, INPUT)) {
        if (saved.prompt.parameterCount() > 0) {
          saved.noise(3);
        }
        load(loaded, save(saved));
        assertThat(loaded.values()).containsExactly(saved.values());
      }
    }
  }

  @Test
  void loadParameters_afterClear_givesValuesThatLearn() throws Exception {
    try (PromptRunner saved = new PromptRunner(Prompts.pad(2), INPUT);
        PromptRunner loaded = new PromptRunner(Prompts.pad(2), INPUT)) {
      saved.noise(3);
      loaded.prompt.clear();
      load(loaded, save(saved));
      assertThat(loaded.values()).containsExactly(saved.values());
      loaded.prompt.initialize(loaded.manager, DataType.FLOAT32, new Shape(1, 3, 7, 6));
      assertThat(loaded.prompt.delta().getArray().hasGradient()).isTrue();
    }
  }

  @Test
  void loadParameters_cutAnywhere_failsAndChangesNothing() throws Exception {
    try (PromptRunner runner = new PromptRunner(Prompts.fix(2), INPUT)) {
      runner.noise(3);
      byte[] bytes = save(runner);
      runner.noise(4);
      float[] before = runner.values();
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = java.util.Arrays.copyOf(bytes, length);
        assertThatExceptionOfType(MalformedModelException.class)
            .isThrownBy(() -> load(runner, cut))
            .withMessageContaining("the prompt was not changed");
      }
      assertThat(runner.values()).containsExactly(before);
    }
  }

  @Test
  void loadParameters_withAnyByteChanged_failsAndChangesNothing() throws Exception {
    try (PromptRunner runner = new PromptRunner(Prompts.fix(2), INPUT)) {
      runner.noise(3);
      byte[] bytes = save(runner);
      runner.noise(4);
      float[] before = runner.values();
      for (int i = 0; i < bytes.length; i++) {
        byte[] changed = bytes.clone();
        changed[i] ^= 1;
        assertThatExceptionOfType(MalformedModelException.class)
            .as("byte %d", i)
            .isThrownBy(() -> load(runner, changed));
      }
      assertThat(runner.values()).containsExactly(before);
    }
  }

  @Test
  void loadParameters_ofAnotherPrompt_namesBoth() throws Exception {
    try (PromptRunner pad = new PromptRunner(Prompts.pad(2), INPUT);
        PromptRunner fix = new PromptRunner(Prompts.fix(2), INPUT);
        PromptRunner sigmoid = new PromptRunner(Prompts.pad(2).sigmoid(), INPUT);
        PromptRunner other = new PromptRunner(Prompts.pad(2), ImageInput.of(3, 12, 9))) {
      byte[] bytes = save(pad);
      for (PromptRunner target : List.of(fix, sigmoid, other)) {
        assertThatExceptionOfType(MalformedModelException.class)
            .isThrownBy(() -> load(target, bytes))
            .withMessageContaining("made for something else")
            .withMessageContaining("found pad {pixels=2} on 3 x 12 x 9, image 7 x 6");
      }
    }
  }

  private static byte[] save(PromptRunner runner) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    runner.prompt.saveParameters(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static void load(PromptRunner runner, byte[] bytes)
      throws IOException, MalformedModelException {
    runner.prompt.loadParameters(
        runner.manager, new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
