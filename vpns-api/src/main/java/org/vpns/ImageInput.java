package org.vpns;

import com.google.common.math.LongMath;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How an image becomes a network's input: it is resized to the image size, centred on a canvas of
 * zeros, and normalised per channel, {@code (x - mean) / std}. Images are float32, (batch,
 * channels, height, width), values in [0, 1].
 *
 * <p>Default image size: the canvas (no padding). Default normalisation: none (mean 0, std 1).
 */
public final class ImageInput {
  /**
   * Most values of a canvas, more than 4,700 x 4,700 pixels of 3 channels: what a damaged file says
   * must not decide how much memory is asked for.
   */
  public static final int MAX_VALUES = 1 << 26;

  private final int channels;
  private final int height;
  private final int width;
  private final int imageHeight;
  private final int imageWidth;
  private final float[] mean;
  private final float[] std;

  private ImageInput(
      int channels,
      int height,
      int width,
      int imageHeight,
      int imageWidth,
      float[] mean,
      float[] std) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.imageHeight = imageHeight;
    this.imageWidth = imageWidth;
    this.mean = mean;
    this.std = std;
  }

  /**
   * A canvas of the given size, in pixels.
   *
   * @throws IllegalArgumentException if a number is below 1, or the product is above {@value
   *     #MAX_VALUES}
   */
  public static ImageInput of(int channels, int height, int width) {
    if (channels < 1 || height < 1 || width < 1) {
      throw Problem.argument(
          "canvas without pixels",
          "ImageInput.of",
          "channels, height and width of at least 1",
          channels + " x " + height + " x " + width,
          "pass the network's input size");
    }
    long values = LongMath.saturatedMultiply((long) channels * height, width);
    if (values > MAX_VALUES) {
      throw Problem.argument(
          "canvas too large",
          "ImageInput.of",
          "at most " + MAX_VALUES + " values",
          channels + " x " + height + " x " + width,
          "pass the network's input size");
    }
    float[] one = new float[channels];
    Arrays.fill(one, 1f);
    return new ImageInput(channels, height, width, height, width, new float[channels], one);
  }

  /** 3 x 224 x 224 with the mean and deviation of ImageNet. */
  public static ImageInput imageNet() {
    return of(3, 224, 224).imageNetNormalisation();
  }

  /** The same canvas with ImageNet's (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225). */
  public ImageInput imageNetNormalisation() {
    return normalisation(
        new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
  }

  /**
   * The same canvas with images resized to the given size and centred; an odd pixel of padding goes
   * to the top and to the left.
   *
   * @throws IllegalArgumentException if the size is below 1 or above the canvas
   */
  public ImageInput imageSize(int newHeight, int newWidth) {
    if (newHeight < 1 || newHeight > height || newWidth < 1 || newWidth > width) {
      throw Problem.argument(
          "image size does not fit the canvas",
          "ImageInput.imageSize",
          "1 x 1 to " + height + " x " + width,
          newHeight + " x " + newWidth,
          "choose a smaller image or a larger canvas");
    }
    return new ImageInput(channels, height, width, newHeight, newWidth, mean, std);
  }

  /**
   * The same canvas with another normalisation, one number per channel.
   *
   * @throws IllegalArgumentException if the lengths differ from the channels, a number is not
   *     finite, or a deviation is not positive
   */
  public ImageInput normalisation(float[] newMean, float[] newStd) {
    Problem.given(newMean, "ImageInput.normalisation", "mean");
    Problem.given(newStd, "ImageInput.normalisation", "std");
    if (newMean.length != channels || newStd.length != channels) {
      throw Problem.argument(
          "normalisation of other channels",
          "ImageInput.normalisation",
          channels + " means and deviations",
          newMean.length + " and " + newStd.length,
          "pass one number per channel");
    }
    for (int i = 0; i < channels; i++) {
      if (!Float.isFinite(newMean[i]) || !Float.isFinite(newStd[i]) || newStd[i] <= 0) {
        throw Problem.argument(
            "normalisation out of range",
            "ImageInput.normalisation, channel " + i,
            "a finite mean and a positive deviation",
            newMean[i] + " and " + newStd[i],
            "pass the numbers the network was trained with");
      }
    }
    return new ImageInput(
        channels, height, width, imageHeight, imageWidth, newMean.clone(), newStd.clone());
  }

  /** Channels of image and canvas. */
  public int channels() {
    return channels;
  }

  /** Height of the canvas in pixels. */
  public int height() {
    return height;
  }

  /** Width of the canvas in pixels. */
  public int width() {
    return width;
  }

  /** Height to which images are resized. */
  public int imageHeight() {
    return imageHeight;
  }

  /** Width to which images are resized. */
  public int imageWidth() {
    return imageWidth;
  }

  /** Rows of zeros above the image: ceil((height - imageHeight) / 2). */
  public int top() {
    return (height - imageHeight + 1) / 2;
  }

  /** Columns of zeros left of the image: ceil((width - imageWidth) / 2). */
  public int left() {
    return (width - imageWidth + 1) / 2;
  }

  /** Mean per channel; a copy. */
  public float[] mean() {
    return mean.clone();
  }

  /** Deviation per channel; a copy. */
  public float[] std() {
    return std.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ImageInput other && values().equals(other.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<Object> values() {
    return List.of(
        channels,
        height,
        width,
        imageHeight,
        imageWidth,
        Arrays.toString(mean),
        Arrays.toString(std));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d x %d x %d, image %d x %d, mean %s, std %s",
        channels,
        height,
        width,
        imageHeight,
        imageWidth,
        Arrays.toString(mean),
        Arrays.toString(std));
  }
}
