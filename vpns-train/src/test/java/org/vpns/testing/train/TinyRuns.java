package org.vpns.testing.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import org.vpns.ImageInput;
import org.vpns.testing.TinyResNet;
import org.vpns.train.ImageSets;

/** Images for short runs of {@link TinyResNet}: 40 in five classes, epochs of 16, 16 and 8. */
public final class TinyRuns {
  /** Number of images. */
  public static final int IMAGES = 40;

  /** Images per batch. */
  public static final int BATCH = 16;

  private TinyRuns() {}

  /** How the network wants its images: 24 x 24 on a canvas of 32 x 32. */
  public static ImageInput input() {
    return ImageInput.of(3, 32, 32)
        .imageSize(24, 24)
        .normalisation(TinyResNet.mean(), TinyResNet.std());
  }

  /** The images; the manager owns them. */
  public static ImageSets splits(NDManager manager) {
    int size = 3 * 24 * 24;
    float[] images = new float[IMAGES * size];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      float[] batch = TinyResNet.images(i / BATCH);
      System.arraycopy(batch, i % BATCH * size, images, i * size, size);
      labels[i] = TinyResNet.labels(i / BATCH)[i % BATCH];
    }
    ArrayDataset dataset =
        new ArrayDataset.Builder()
            .setData(manager.create(images, new Shape(IMAGES, 3, 24, 24)))
            .optLabels(manager.create(labels))
            .setSampling(BATCH, false)
            .build();
    return ImageSets.of(dataset, TinyResNet.TARGET_CLASSES);
  }
}
