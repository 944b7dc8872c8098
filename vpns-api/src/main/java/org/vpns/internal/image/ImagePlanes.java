package org.vpns.internal.image;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** An image as plain numbers, for where no engine is at hand. */
public final class ImagePlanes {
  private ImagePlanes() {}

  /**
   * Values in [0, 1]: channel, row, column.
   *
   * @param manager that can hold bytes; no more is asked of it
   * @param channels 1 (grey) or 3 (red, green, blue)
   */
  public static float[] of(Image image, NDManager manager, int channels) {
    Image.Flag flag = channels == 1 ? Image.Flag.GRAYSCALE : Image.Flag.COLOR;
    byte[] pixels;
    try (NDArray array = image.toNDArray(manager, flag)) {
      pixels = array.toByteArray();
    }
    float[] planes = new float[pixels.length];
    int size = pixels.length / channels;
    for (int i = 0; i < pixels.length; i++) {
      planes[i % channels * size + i / channels] = (pixels[i] & 0xff) / 255f;
    }
    return planes;
  }
}
