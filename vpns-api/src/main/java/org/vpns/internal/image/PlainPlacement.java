package org.vpns.internal.image;

import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;

/**
 * What {@code ImagePlacement} and a prompt do, on plain numbers, for where no engine is at hand.
 */
public final class PlainPlacement {
  private final ImageInput input;
  private final float @Nullable [] picture;

  private PlainPlacement(ImageInput input, float @Nullable [] picture) {
    this.input = input;
    this.picture = picture;
  }

  /**
   * The placement that the input describes.
   *
   * @param picture what a prompt adds: channel, row, column of the canvas; null for no prompt
   */
  public static PlainPlacement of(ImageInput input, float @Nullable [] picture) {
    return new PlainPlacement(input, picture == null ? null : picture.clone());
  }

  /**
   * A network's input.
   *
   * @param planes values in [0, 1]: channel, row, column
   * @param height rows of the image
   * @param width columns of the image
   * @return channel, row, column of the canvas
   */
  public float[] apply(float[] planes, int height, int width) {
    float[] resized =
        PixelResize.resize(
            planes, input.channels(), height, width, input.imageHeight(), input.imageWidth());
    float[] mean = input.mean();
    float[] std = input.std();
    float[] canvas = new float[input.channels() * input.height() * input.width()];
    for (int row = 0; row < input.channels() * input.imageHeight(); row++) {
      int channel = row / input.imageHeight();
      int y = input.top() + row % input.imageHeight();
      int to = (channel * input.height() + y) * input.width() + input.left();
      System.arraycopy(resized, row * input.imageWidth(), canvas, to, input.imageWidth());
    }
    int map = input.height() * input.width();
    for (int i = 0; i < canvas.length; i++) {
      float value = picture == null ? canvas[i] : Math.max(0, Math.min(1, canvas[i] + picture[i]));
      canvas[i] = (value - mean[i / map]) / std[i / map];
    }
    return canvas;
  }
}
