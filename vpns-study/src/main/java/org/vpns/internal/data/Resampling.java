package org.vpns.internal.data;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Resizes pictures with antialiasing: a new pixel is the weighted mean of the old ones under a
 * filter around it, which is as many times wider as the picture becomes smaller. First across, then
 * down, each rounded to bytes; weights are in fixed point. These are the numbers of Pillow, and so
 * of torchvision's {@code Resize} on its pictures.
 */
public enum Resampling {
  /** A triangle over the two nearest pixels. */
  BILINEAR(1, x -> Math.max(0, 1 - x)),

  /** The cubic with a = -1/2 over the four nearest pixels. */
  BICUBIC(2, Resampling::cubic);

  /** Of a weight's fraction: a sum of 255 times weights of absolute sum below 2 fits an int. */
  private static final int BITS = 22;

  private static final int HALF = 1 << BITS - 1;
  private static final double SLOPE = -0.5;

  private final double radius;
  private final DoubleUnaryOperator filter;

  /**
   * @param radius beyond which the filter is 0
   * @param filter of a distance of at least 0, in old pixels
   */
  Resampling(double radius, DoubleUnaryOperator filter) {
    this.radius = radius;
    this.filter = filter;
  }

  private static double cubic(double x) {
    if (x < 1) {
      return ((SLOPE + 2) * x - (SLOPE + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * SLOPE : 0;
  }

  /** The picture in another size, at least 1 x 1. */
  public Pixels resize(Pixels picture, int height, int width) {
    Pixels.requireRoom(height, width); // before weights are worked out
    Pixels wide = picture.width() == width ? picture : across(picture, width);
    return picture.height() == height ? wide : down(wide, height);
  }

  /** The weights of the old positions that make a new one, and the first of those. */
  private record Taps(int[] first, int[][] weights) {}

  private Taps taps(int from, int to) {
    double scale = (double) from / to;
    double stretch = Math.max(scale, 1);
    double reach = radius * stretch;
    int[] first = new int[to];
    int[][] weights = new int[to][];
    for (int o = 0; o < to; o++) {
      double centre = (o + 0.5) * scale;
      first[o] = Math.max(0, (int) (centre - reach + 0.5));
      int end = Math.min(from, (int) (centre + reach + 0.5));
      double[] exact = new double[end - first[o]];
      double sum = 0;
      for (int i = 0; i < exact.length; i++) {
        exact[i] = filter.applyAsDouble(Math.abs((first[o] + i - centre + 0.5) / stretch));
        sum += exact[i];
      }
      weights[o] = new int[exact.length];
      for (int i = 0; i < exact.length; i++) {
        double weight = exact[i] / sum * (1 << BITS);
        weights[o][i] = (int) (weight + (weight < 0 ? -0.5 : 0.5));
      }
    }
    return new Taps(first, weights);
  }

  private Pixels across(Pixels old, int width) {
    Taps taps = taps(old.width(), width);
    int channels = old.channels();
    Pixels made = Pixels.black(channels, old.height(), width);
    byte[] from = old.values();
    byte[] to = made.values();
    for (int y = 0; y < old.height(); y++) {
      int row = y * old.width();
      for (int x = 0; x < width; x++) {
        int at = (row + taps.first[x]) * channels;
        int out = (y * width + x) * channels;
        if (channels == 3) {
          threeChannels(from, at, taps.weights[x], to, out);
        } else {
          int sum = HALF;
          for (int weight : taps.weights[x]) {
            sum += weight * (from[at++] & 0xff);
          }
          to[out] = clipped(sum);
        }
      }
    }
    return made;
  }

  private static void threeChannels(byte[] from, int start, int[] weights, byte[] to, int out) {
    int at = start;
    int red = HALF;
    int green = HALF;
    int blue = HALF;
    for (int weight : weights) {
      red += weight * (from[at] & 0xff);
      green += weight * (from[at + 1] & 0xff);
      blue += weight * (from[at + 2] & 0xff);
      at += 3;
    }
    to[out] = clipped(red);
    to[out + 1] = clipped(green);
    to[out + 2] = clipped(blue);
  }

  private Pixels down(Pixels old, int height) {
    Taps taps = taps(old.height(), height);
    int row = old.width() * old.channels();
    Pixels made = Pixels.black(old.channels(), height, old.width());
    int[] sums = new int[row];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      int at = taps.first[y] * row;
      for (int weight : taps.weights[y]) {
        add(sums, old.values(), at, weight);
        at += row;
      }
      for (int i = 0; i < row; i++) {
        made.values()[y * row + i] = clipped(sums[i]);
      }
    }
    return made;
  }

  /** A loop by itself, which the compiler turns into vector instructions. */
  private static void add(int[] sums, byte[] from, int at, int weight) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * (from[at + i] & 0xff);
    }
  }

  /** Cubic weights overshoot. */
  private static byte clipped(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> BITS));
  }
}
