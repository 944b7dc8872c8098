package org.vpns.testing.train;

import ai.djl.ndarray.NDArray;
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

  /** Pixels on each side of an image. */
  public static final int SIDE = 8;

  private static final int FIXTURE_SIDE = 24;
  private static final int FIXTURE_BATCH = 16;

  private TinyRuns() {}

  /** How the network is given its images: 8 x 8 on a canvas of 16 x 16. */
  public static ImageInput input() {
    return ImageInput.of(3, 16, 16)
        .imageSize(SIDE, SIDE)
        .normalisation(TinyResNet.mean(), TinyResNet.std());
  }

  /** The images; the manager owns them. */
  public static ImageSets splits(NDManager manager) {
    return ImageSets.of(dataset(manager, 0, IMAGES), TinyResNet.TARGET_CLASSES);
  }

  /** Images {@code from} (inclusive) to {@code to} (exclusive) of the fixture's 128, cropped. */
  public static ArrayDataset dataset(NDManager manager, int from, int to) {
    float[] images = new float[(to - from) * 3 * SIDE * SIDE];
    long[] labels = new long[to - from];
    for (int i = from; i < to; i++) {
      float[] batch = TinyResNet.images(i / FIXTURE_BATCH);
      crop(batch, i % FIXTURE_BATCH, images, i - from);
      labels[i - from] = TinyResNet.labels(i / FIXTURE_BATCH)[i % FIXTURE_BATCH];
    }
    return dataset(manager.create(images, new Shape(to - from, 3, SIDE, SIDE)), labels);
  }

  /** The middle of one image of a fixture batch. */
  private static void crop(float[] batch, int from, float[] images, int to) {
    int margin = (FIXTURE_SIDE - SIDE) / 2;
    for (int row = 0; row < 3 * SIDE; row++) {
      int plane = from * 3 + row / SIDE;
      int start = (plane * FIXTURE_SIDE + margin + row % SIDE) * FIXTURE_SIDE + margin;
      System.arraycopy(batch, start, images, (to * 3 * SIDE + row) * SIDE, SIDE);
    }
  }

  /** Images and labels of one's own, in batches of {@link #BATCH}, in their order. */
  public static ArrayDataset dataset(NDArray images, long[] labels) {
    return new ArrayDataset.Builder()
        .setData(images)
        .optLabels(images.getManager().create(labels))
        .setSampling(BATCH, false)
        .build();
  }
}
