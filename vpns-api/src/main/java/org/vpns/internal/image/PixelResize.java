package org.vpns.internal.image;

import org.vpns.Problem;

/** The resize of {@code ImagePlacement} on plain numbers, for where no engine is at hand. */
public final class PixelResize {
  private PixelResize() {}

  /**
   * Bilinear resize, as {@code ImagePlacement.resize}, up to rounding.
   *
   * @param images planes of pixels one after the other, each row by row
   * @param planes number of planes: images times channels
   * @param height height before, in pixels
   * @param width width before, in pixels
   * @param newHeight height after, in pixels, at least 1
   * @param newWidth width after, in pixels, at least 1
   * @return the planes in the new size; never {@code images} itself
   * @throws IllegalArgumentException if the numbers do not fit, or a size is below 1
   */
  public static float[] resize(
      float[] images, int planes, int height, int width, int newHeight, int newWidth) {
    if (planes < 1
        || height < 1
        || width < 1
        || newHeight < 1
        || newWidth < 1
        || (long) planes * height * width != images.length) {
      throw Problem.argument(
          "pixels do not fit their size",
          "PixelResize.resize",
          planes + " planes of " + height + " x " + width + ", sizes of at least 1",
          images.length + " numbers, to become " + newHeight + " x " + newWidth,
          "pass the size of the planes");
    }
    float[] wide = new float[planes * height * newWidth];
    ResizeTaps across = new ResizeTaps(width, newWidth);
    for (int row = 0; row < planes * height; row++) {
      across.apply(images, row * width, wide, row * newWidth, 1);
    }
    float[] result = new float[planes * newHeight * newWidth];
    ResizeTaps down = new ResizeTaps(height, newHeight);
    for (int plane = 0; plane < planes; plane++) {
      for (int x = 0; x < newWidth; x++) {
        int from = plane * height * newWidth + x;
        int to = plane * newHeight * newWidth + x;
        down.apply(wide, from, result, to, newWidth);
      }
    }
    return result;
  }
}
