package org.vpns;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;

/**
 * The loss that data-driven scorers look at: cross-entropy of the label-mapped logits divided by a
 * temperature, mean over all images, not over batches. {@link ScoringContext#loss} makes it.
 *
 * @param images images and label mapping
 * @param mode how the network runs; default training mode
 * @param temperature divisor of the logits, positive and finite; default 1
 */
public record ScoringLoss(ScoringImages images, NetworkMode mode, double temperature) {
  /** Checks the temperature. */
  public ScoringLoss {
    Problem.given(images, "new ScoringLoss", "images");
    Problem.given(mode, "new ScoringLoss", "mode");
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "temperature out of range",
          "ScoringLoss",
          "a positive number",
          temperature,
          "pass 1 for the logits as they are");
    }
  }

  /** With the network run otherwise. */
  public ScoringLoss mode(NetworkMode newMode) {
    Problem.given(newMode, "ScoringLoss.mode", "mode");
    return new ScoringLoss(images, newMode, temperature);
  }

  /**
   * With the logits divided by another number.
   *
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public ScoringLoss temperature(double newTemperature) {
    return new ScoringLoss(images, mode, newTemperature);
  }

  /**
   * A batch's share of the mean: its own mean times its part of the images.
   *
   * @param labels class numbers, as {@link ScoringImages#forEach} hands them over
   * @param logits the network's outputs for the batch
   */
  public NDArray share(NDArray labels, NDArray logits) {
    Problem.given(labels, "ScoringLoss.share", "labels");
    Problem.given(logits, "ScoringLoss.share", "logits");
    NDArray mapped = images.mapping().apply(logits);
    NDArray cooled = temperature == 1 ? mapped : KeptNumber.quotient(mapped, (float) temperature);
    NDArray mean = Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(cooled));
    return labels.size() == images.size()
        ? mean
        : KeptNumber.product(mean, (float) ((double) labels.size() / images.size()));
  }

  /**
   * dL/dw for every prunable weight of a network whose gradients are still empty, by tensor; the
   * network should run in this loss's mode. {@link ScoringContext#gradient} opens and closes it.
   */
  float[][] gradient(ScoringNetwork network) {
    images.forEach(
        (input, labels) -> {
          try (GradientCollector collector = network.manager().getEngine().newGradientCollector()) {
            collector.backward(share(labels, network.forward(input)));
          }
        });
    return network.weights().stream().map(ScoringLoss::gradientOf).toArray(float[][]::new);
  }

  private static float[] gradientOf(NDArray leaf) {
    try (NDArray gradient = leaf.getGradient()) {
      return gradient.toFloatArray();
    }
  }
}
