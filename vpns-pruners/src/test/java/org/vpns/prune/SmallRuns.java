package org.vpns.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.ArrayList;
import java.util.List;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.testing.TinyResNet;
import org.vpns.train.ImageSets;

/** Short runs on a few of the fixture's images: 40 of them make epochs of 16, 16 and 8. */
final class SmallRuns {
  static final int IMAGES = 40;
  static final int BATCH = 16;
  static final UpdateRule ADAM = UpdateRule.adam().decay(1e-4);
  static final UpdateRule SGD = UpdateRule.sgd().momentum(0.9).decay(1e-4);
  static final LearningRate FINDING = LearningRate.cosine(0.01).perEpoch();
  static final LearningRate TUNING = LearningRate.cosine(0.02).perEpoch();

  private SmallRuns() {}

  /** Images {@code from} (inclusive) to {@code to} (exclusive) of the fixture's 128. */
  static ArrayDataset dataset(NDManager manager, int from, int to) {
    float[][] batches = new float[8][];
    List<Long> all = new ArrayList<>();
    for (int b = 0; b < 8; b++) {
      batches[b] = TinyResNet.images(b);
      for (long label : TinyResNet.labels(b)) {
        all.add(label);
      }
    }
    float[] flat = FixtureRuns.flat(batches);
    int size = 3 * 24 * 24;
    float[] images = new float[(to - from) * size];
    System.arraycopy(flat, from * size, images, 0, images.length);
    long[] labels = all.subList(from, to).stream().mapToLong(Long::longValue).toArray();
    return dataset(manager.create(images, new Shape(to - from, 3, 24, 24)), labels);
  }

  static ArrayDataset dataset(NDArray images, long[] labels) {
    return new ArrayDataset.Builder()
        .setData(images)
        .optLabels(images.getManager().create(labels))
        .setSampling(BATCH, false)
        .build();
  }

  static ImageSets splits(NDManager manager) {
    return ImageSets.of(dataset(manager, 0, IMAGES), TinyResNet.TARGET_CLASSES);
  }
}
