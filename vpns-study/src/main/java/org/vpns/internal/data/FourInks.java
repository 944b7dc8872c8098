package org.vpns.internal.data;

import java.awt.image.Raster;
import javax.imageio.IIOException;

/**
 * Turns the four inks of a JPEG file into red, green and blue, which Java's reader leaves undone.
 * Inks are stored inverted, so that 255 is none: a colour is the light that its ink and the black
 * one let through.
 */
final class FourInks {
  private static final int YCCK = 2;
  private static final int BITS = 16;
  private static final int HALF = 1 << BITS - 1;

  private FourInks() {}

  static Pixels convert(Raster raster, int adobeTransform) throws IIOException {
    if (raster.getNumBands() != 4) {
      throw new IIOException(raster.getNumBands() + " bands, not 4");
    }
    int width = raster.getWidth();
    Pixels pixels = Pixels.black(3, raster.getHeight(), width);
    int[] row = new int[4 * width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        if (adobeTransform == YCCK) {
          toInks(row, 4 * x);
        }
        for (int c = 0; c < 3; c++) {
          int black = row[4 * x + 3];
          int light = black - share(255 - row[4 * x + c], black);
          pixels.values()[(y * width + x) * 3 + c] = (byte) Math.max(0, light);
        }
      }
    }
    return pixels;
  }

  /** a b / 255, rounded. */
  private static int share(int a, int b) {
    int product = a * b + 128;
    return (product >> 8) + product >> 8;
  }

  /** Luma and chroma of inverted inks, as of red, green and blue; the inks stay inverted. */
  private static void toInks(int[] row, int at) {
    int luma = row[at];
    int blue = row[at + 1] - 128;
    int red = row[at + 2] - 128;
    row[at] = 255 - clipped(luma + (fixed(1.402) * red + HALF >> BITS));
    row[at + 1] =
        255 - clipped(luma + (HALF - fixed(0.34414) * blue - fixed(0.71414) * red >> BITS));
    row[at + 2] = 255 - clipped(luma + (fixed(1.772) * blue + HALF >> BITS));
  }

  private static int fixed(double factor) {
    return (int) (factor * (1 << BITS) + 0.5);
  }

  private static int clipped(int value) {
    return Math.max(0, Math.min(255, value));
  }
}
