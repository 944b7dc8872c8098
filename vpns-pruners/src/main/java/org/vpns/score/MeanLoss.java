package org.vpns.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import org.vpns.NetworkMode;
import org.vpns.ScoringBatch;
import org.vpns.ScoringContext;
import org.vpns.ScoringImages;
import org.vpns.ScoringNetwork;

/**
 * The loss that data-driven scorers look at: cross-entropy of the label-mapped logits divided by a
 * temperature, mean over all images, not over batches.
 *
 * @param context network and weights
 * @param images images and label mapping
 * @param mode how the network runs
 * @param temperature divisor of the logits
 */
record MeanLoss(
    ScoringContext context, ScoringImages images, NetworkMode mode, double temperature) {

  /** A batch's share of the mean: its own mean times its part of the images. */
  NDArray share(ScoringBatch batch, NDArray logits) {
    NDArray mapped = images.mapping().apply(logits);
    NDArray cooled = temperature == 1 ? mapped : mapped.div((float) temperature);
    NDArray mean =
        Loss.softmaxCrossEntropyLoss().evaluate(new NDList(batch.labels()), new NDList(cooled));
    return batch.images() == images.size()
        ? mean
        : mean.mul((float) ((double) batch.images() / images.size()));
  }

  /** Its gradient with respect to every prunable weight, at the given weights. */
  float[][] gradient(float[][] weights) {
    try (ScoringNetwork network = context.network(mode, i -> weights[i])) {
      images.forEach(
          batch -> {
            try (GradientCollector collector =
                network.manager().getEngine().newGradientCollector()) {
              collector.backward(share(batch, network.forward(batch.input())));
            }
          });
      return network.weights().stream().map(MeanLoss::gradientOf).toArray(float[][]::new);
    }
  }

  static float[] gradientOf(NDArray leaf) {
    try (NDArray gradient = leaf.getGradient()) {
      return gradient.toFloatArray();
    }
  }
}
