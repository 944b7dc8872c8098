package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import org.vpns.testing.Engines;

/** Forward passes of new models. */
final class PlanRuns {
  private PlanRuns() {}

  /** Asserts that a new model gives finite logits for images of the plan's size. */
  static void assertRuns(NetworkPlan plan) {
    try (Model model = plan.newModel("test", 1)) {
      float[] logits = logits(plan, model);
      assertThat(logits).hasSize(2 * plan.classes());
      for (float logit : logits) {
        assertThat(logit).isFinite();
      }
      assertThat(logits).as("not all the same").isNotEqualTo(new float[logits.length]);
    }
  }

  /** Logits of two images, waves of different lengths. */
  static float[] logits(NetworkPlan plan, Model model) {
    Shape shape = new Shape(2).addAll(plan.inputShape().slice(1));
    float[] images = new float[(int) shape.size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Math.sin(0.01 * i * (1 + 2 * i / images.length));
    }
    return Engines.evaluate(model.getBlock(), images, shape);
  }
}
