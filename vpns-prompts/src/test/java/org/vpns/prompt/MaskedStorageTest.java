package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ImageInput;

/** Storing active pixels only equals a full canvas multiplied by the region, bit for bit. */
class MaskedStorageTest {
  private static final ImageInput INPUT = ImageInput.of(3, 12, 9).imageSize(7, 6);
  private static final Shape IMAGES = new Shape(2, 3, 7, 6);
  private static final Shape CANVAS = new Shape(3, 12, 9);

  @ParameterizedTest
  @CsvSource({
    "pad, sgd", "pad, momentum", "pad, adam", "pad, adamw",
    "fix, sgd", "fix, momentum", "fix, adam", "fix, adamw",
    "expansive, sgd", "expansive, momentum", "expansive, adam", "expansive, adamw"
  })
  void twentySteps_equalThoseOfAFullCanvas(String kind, String optimiser) {
    PromptSpec spec =
        switch (kind) {
          case "pad" -> Prompts.pad(2);
          case "fix" -> Prompts.fix(5);
          default -> Prompts.expansive();
        };
    try (PromptRunner runner = new PromptRunner(spec, INPUT);
        NDManager manager = NDManager.newBaseManager()) {
      boolean[] region = runner.prompt.region();
      float[] full = new float[(int) CANVAS.size()];
      Update compactUpdate = new Update(optimiser, (int) runner.prompt.parameterCount());
      Update fullUpdate = new Update(optimiser, full.length);
      for (int step = 0; step < 20; step++) {
        float[] images = PromptRunner.noise((int) IMAGES.size(), 0, 1, step);
        float[] upstream = PromptRunner.noise(2 * full.length, -1, 1, 100 + step);
        float[] values = runner.values();
        float[] gradient = runner.pass(images, IMAGES, upstream).grad();
        compactUpdate.step(values, gradient);
        runner.set(values);
        fullUpdate.step(full, fullGradient(manager, full, region, images, upstream));

        int next = 0;
        for (int i = 0; i < full.length; i++) {
          float expected = region[i % region.length] ? values[next++] : 0f;
          assertThat(full[i]).as("step %d, position %d", step, i).isEqualTo(expected);
        }
        assertThat(next).isEqualTo(values.length);
      }
      assertThat(runner.values()).isNotEqualTo(new float[runner.values().length]);
    }
  }

  private static float[] fullGradient(
      NDManager base, float[] full, boolean[] region, float[] images, float[] upstream) {
    try (NDManager scope = base.newSubManager()) {
      float[] mask = new float[region.length];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = region[i] ? 1 : 0;
      }
      NDArray delta = scope.create(full, CANVAS);
      delta.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray placed = scope.create(images, IMAGES).pad(new Shape(2, 1, 3, 2), 0);
        NDArray masked = delta.mul(scope.create(mask, new Shape(1, 12, 9)));
        NDArray out = placed.add(masked).clip(0, 1);
        collector.backward(out.mul(scope.create(upstream, out.getShape())).sum());
      }
      return delta.getGradient().toFloatArray();
    }
  }

  /** Plain forms of the four update rules, with decay 0.01, one coordinate at a time. */
  private static final class Update {
    private final String rule;
    private final float[] first;
    private final float[] second;
    private int steps;

    Update(String rule, int size) {
      this.rule = rule;
      first = new float[size];
      second = new float[size];
    }

    void step(float[] values, float[] gradient) {
      steps++;
      for (int i = 0; i < values.length; i++) {
        float g = gradient[i] + (rule.equals("adamw") ? 0 : 0.01f * values[i]);
        if (rule.equals("sgd")) {
          values[i] -= 0.05f * g;
        } else if (rule.equals("momentum")) {
          first[i] = steps == 1 ? g : 0.9f * first[i] + g;
          values[i] -= 0.05f * first[i];
        } else {
          values[i] *= rule.equals("adamw") ? 1 - 0.05f * 0.01f : 1;
          first[i] = 0.9f * first[i] + 0.1f * g;
          second[i] = 0.999f * second[i] + 0.001f * g * g;
          double root = Math.sqrt(second[i] / (1 - Math.pow(0.999, steps))) + 1e-8;
          values[i] -= (float) (0.05 * first[i] / (1 - Math.pow(0.9, steps)) / root);
        }
      }
    }
  }
}
