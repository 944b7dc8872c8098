package org.vpns.internal.data;

import java.util.Arrays;
import org.vpns.Problem;

/**
 * A picture: bytes from 0 to 255, row by row, the channels of a pixel beside each other.
 *
 * @param channels 3 for red, green, blue; 1 for grey
 */
public record Pixels(int channels, int height, int width, byte[] values) {
  /** Bits of the weights of red, green and blue in a grey level; they sum to 1. */
  private static final int GREY_BITS = 16;

  private static final int RED = 19_595;
  private static final int GREEN = 38_470;
  private static final int BLUE = 7_471;

  /**
   * A black picture.
   *
   * @throws IllegalArgumentException if it has more pixels than the heap is for, as what a resize
   *     makes of a picture of one row may have
   */
  public static Pixels black(int channels, int height, int width) {
    requireRoom(height, width);
    return new Pixels(channels, height, width, new byte[channels * height * width]);
  }

  static void requireRoom(long height, long width) {
    long pixels = height * width;
    if (pixels > Pictures.mostPixels()) {
      throw Problem.argument(
          "picture becomes too large",
          "ImageTransform",
          "at most " + Pictures.mostPixels() + " pixels",
          height + " x " + width,
          Pictures.remedy("crop or resize to less", pixels));
    }
  }

  /** A piece of the picture, which has it whole. */
  public Pixels crop(int top, int left, int newHeight, int newWidth) {
    if (newHeight == height && newWidth == width) {
      return this;
    }
    Pixels piece = black(channels, newHeight, newWidth);
    int row = newWidth * channels;
    for (int y = 0; y < newHeight; y++) {
      System.arraycopy(values, ((top + y) * width + left) * channels, piece.values, y * row, row);
    }
    return piece;
  }

  /** With a black frame of so many pixels. */
  public Pixels framed(int pixels) {
    Pixels large = black(channels, height + 2 * pixels, width + 2 * pixels);
    int row = width * channels;
    for (int y = 0; y < height; y++) {
      int to = ((pixels + y) * large.width + pixels) * channels;
      System.arraycopy(values, y * row, large.values, to, row);
    }
    return large;
  }

  /** Left and right exchanged. */
  public Pixels mirrored() {
    Pixels mirrored = black(channels, height, width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = (y * width + x) * channels;
        int to = (y * width + width - 1 - x) * channels;
        for (int c = 0; c < channels; c++) {
          mirrored.values[to + c] = values[from + c];
        }
      }
    }
    return mirrored;
  }

  /** In grey: the luma of ITU-R 601, in 16-bit fixed point, rounded. */
  public Pixels grey() {
    if (channels == 1) {
      return this;
    }
    Pixels grey = black(1, height, width);
    for (int i = 0; i < grey.values.length; i++) {
      int sum =
          RED * Byte.toUnsignedInt(values[3 * i])
              + GREEN * Byte.toUnsignedInt(values[3 * i + 1])
              + BLUE * Byte.toUnsignedInt(values[3 * i + 2]);
      grey.values[i] = (byte) (sum + (1 << GREY_BITS - 1) >> GREY_BITS);
    }
    return grey;
  }

  /** With three channels, equal ones if it was grey. */
  public Pixels colour() {
    if (channels == 3) {
      return this;
    }
    Pixels colour = black(3, height, width);
    for (int i = 0; i < values.length; i++) {
      Arrays.fill(colour.values, 3 * i, 3 * i + 3, values[i]);
    }
    return colour;
  }

  /** Channel after channel, each row by row. */
  public byte[] planes() {
    if (channels == 1) {
      return values;
    }
    int plane = height * width;
    byte[] planes = new byte[values.length];
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < channels; c++) {
        planes[c * plane + i] = values[i * channels + c];
      }
    }
    return planes;
  }
}
