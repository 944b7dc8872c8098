package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ImageInput;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Fixtures;

/** Output and gradients against numbers computed in float64. */
class PromptFixtureTest {
  private static final SafeTensors NUMBERS = Fixtures.core();
  private static final ImageInput INPUT =
      ImageInput.of(3, 12, 9).imageSize(7, 6).imageNetNormalisation();
  private static final int CANVAS = 12 * 9;

  @ParameterizedTest
  @CsvSource({
    "pad2, additive",
    "pad2, sigmoid",
    "pad4, additive",
    "fix5, additive",
    "fix5, sigmoid",
    "random5, additive",
    "random5, sigmoid",
    "expansive, additive",
    "expansive, sigmoid"
  })
  void outputAndGradients_areTheReference(String kind, String form) {
    PromptSpec additive =
        switch (kind) {
          case "pad2" -> Prompts.pad(2);
          case "pad4" -> Prompts.pad(4);
          case "fix5" -> Prompts.fix(5);
          case "random5" -> Prompts.random(5);
          default -> Prompts.expansive();
        };
    PromptSpec spec = form.equals("sigmoid") ? additive.sigmoid() : additive;
    byte[] mask = NUMBERS.bytes("prompts." + kind + ".mask");
    try (PromptRunner runner = new PromptRunner(spec, INPUT)) {
      boolean window = kind.equals("random5");
      runner.set(select(NUMBERS.floats("prompts.program"), mask, window));
      runner.prompt.draw(PromptRunner.place(7, 4), 3);
      PromptRunner.Pass pass =
          runner.pass(
              NUMBERS.floats("prompts.images"),
              new Shape(3, 3, 7, 6),
              NUMBERS.floats("prompts.upstream"));

      String name = "prompts." + kind + "." + form;
      assertClose(pass.out(), NUMBERS.floats(name + ".out"));
      assertClose(pass.grad(), select(NUMBERS.floats(name + ".grad"), mask, window));
      if (kind.equals("fix5")) {
        assertClose(pass.imageGrad(), NUMBERS.floats(name + ".grad_image"));
      }
      if (window) {
        for (int i = 0; i < pass.grad().length; i++) {
          assertThat(mask[i % CANVAS] == 1 || pass.grad()[i] == 0).isTrue();
        }
      } else {
        boolean[] region = runner.prompt.region();
        for (int i = 0; i < CANVAS; i++) {
          assertThat(region[i]).isEqualTo(mask[i] == 1);
        }
      }
    }
  }

  /** The stored values of a full canvas: those of the mask, or all for a window. */
  private static float[] select(float[] canvas, byte[] mask, boolean all) {
    float[] stored = new float[canvas.length];
    int count = 0;
    for (int i = 0; i < canvas.length; i++) {
      if (all || mask[i % CANVAS] == 1) {
        stored[count++] = canvas[i];
      }
    }
    return java.util.Arrays.copyOf(stored, count);
  }

  /** 1e-5 of the largest entry: the reference is float64, stored as float32. */
  private static void assertClose(float[] found, float[] expected) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isGreaterThan(0);
    assertThat(found).containsExactly(expected, within(1e-5f * largest));
  }
}
