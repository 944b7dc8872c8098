package org.vpns.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.vpns.study.data.ImageTable;

/** Image tables as arrays. */
final class Tables {
  private Tables() {}

  /** All images as one batch, (images, channels, height, width). */
  static NDArray batch(ImageTable images, NDManager manager) {
    int length = images.channels() * images.height() * images.width();
    float[] flat = new float[images.size() * length];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(images.image(i), 0, flat, i * length, length);
    }
    return manager.create(
        flat, new Shape(images.size(), images.channels(), images.height(), images.width()));
  }
}
