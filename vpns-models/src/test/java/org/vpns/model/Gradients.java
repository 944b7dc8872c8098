package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;

/** One training step of a network of five classes or more. */
final class Gradients {
  private Gradients() {}

  /** Asserts that a backward pass in training mode reaches every trained parameter. */
  static void assertEverywhere(NetworkPlan plan) {
    // dropout draws from the engine's generator
    Engine.getInstance().setRandomSeed(1);
    try (Model model = plan.newModel("test", 3);
        NDManager manager = model.getNDManager().newSubManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Shape shape = new Shape(4).addAll(plan.inputShape().slice(1));
      NDArray input = manager.arange((float) shape.size()).reshape(shape).sin();
      input.setRequiresGradient(true);
      NDList logits =
          model.getBlock().forward(new ParameterStore(manager, false), new NDList(input), true);
      NDList labels = new NDList(manager.create(new long[] {0, 3, 3, 4}));
      collector.backward(Loss.softmaxCrossEntropyLoss().evaluate(labels, logits));
      assertThat(size(input)).isPositive().isFinite();
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        if (!p.path().contains(".running_")) {
          assertThat(size(p.parameter().getArray())).as(p.path()).isPositive().isFinite();
        }
      }
    }
  }

  private static float size(NDArray array) {
    try (NDArray gradient = array.getGradient();
        NDArray size = gradient.abs().sum()) {
      return size.getFloat();
    }
  }
}
