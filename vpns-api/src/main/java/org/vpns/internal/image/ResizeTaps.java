package org.vpns.internal.image;

/**
 * How a line of pixels becomes one of another length: bilinear with half-pixel centres; when
 * shrinking, the triangle is widened by the scale, which suppresses aliasing. Each new pixel is a
 * weighted sum, of weights that sum to 1, of a few neighbours.
 */
public final class ResizeTaps {
  private final int from;
  private final int[] first;
  private final float[][] weights;

  public ResizeTaps(int from, int to) {
    this.from = from;
    first = new int[to];
    weights = new float[to][];
    double scale = (double) from / to;
    double radius = Math.max(scale, 1);
    for (int o = 0; o < to; o++) {
      double centre = (o + 0.5) * scale;
      first[o] = Math.max(0, (int) (centre - radius + 0.5));
      int end = Math.min(from, (int) (centre + radius + 0.5));
      double sum = 0;
      for (int j = first[o]; j < end; j++) {
        sum += tent(j, centre, radius);
      }
      weights[o] = new float[end - first[o]];
      for (int j = first[o]; j < end; j++) {
        weights[o][j - first[o]] = (float) (tent(j, centre, radius) / sum);
      }
    }
  }

  private static double tent(int pixel, double centre, double radius) {
    return Math.max(0, 1 - Math.abs(pixel + 0.5 - centre) / radius);
  }

  /** As a matrix: row o holds the weights with which the old pixels make new pixel o. */
  public float[] matrix() {
    float[] matrix = new float[first.length * from];
    for (int o = 0; o < first.length; o++) {
      System.arraycopy(weights[o], 0, matrix, o * from + first[o], weights[o].length);
    }
    return matrix;
  }

  /** One line of {@code old}, in steps from a position on, to one of {@code made}. */
  public void apply(float[] old, int oldAt, float[] made, int madeAt, int step) {
    for (int o = 0; o < first.length; o++) {
      double sum = 0;
      int at = oldAt + first[o] * step;
      for (float weight : weights[o]) {
        sum += weight * old[at];
        at += step;
      }
      made[madeAt + o * step] = (float) sum;
    }
  }
}
