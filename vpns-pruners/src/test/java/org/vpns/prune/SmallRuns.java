package org.vpns.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import org.vpns.ImageInput;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;

/** The contracts' short runs and what they are tuned with: epochs of 16, 16 and 8 images. */
final class SmallRuns {
  static final int IMAGES = TinyRuns.IMAGES;
  static final int BATCH = TinyRuns.BATCH;
  static final int SIDE = TinyRuns.SIDE;
  static final UpdateRule ADAM = UpdateRule.adam().decay(1e-4);
  static final UpdateRule SGD = UpdateRule.sgd().momentum(0.9).decay(1e-4);
  static final LearningRate FINDING = LearningRate.cosine(0.01).perEpoch();
  static final LearningRate TUNING = LearningRate.cosine(0.02).perEpoch();

  private SmallRuns() {}

  static ImageInput input() {
    return TinyRuns.input();
  }

  static ArrayDataset dataset(NDManager manager, int from, int to) {
    return TinyRuns.dataset(manager, from, to);
  }

  static ArrayDataset dataset(NDArray images, long[] labels) {
    return TinyRuns.dataset(images, labels);
  }

  static ImageSets splits(NDManager manager) {
    return TinyRuns.splits(manager);
  }
}
