package org.vpns.internal.curvature;

/** Arithmetic with one vector over all prunable weights, tensor by tensor. */
public final class Vectors {
  private Vectors() {}

  /** Zeros for each entry of another vector. */
  public static double[][] zeros(float[][] like) {
    double[][] zeros = new double[like.length][];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = new double[like[i].length];
    }
    return zeros;
  }

  /** Euclidean norm. */
  public static double norm(float[][] values) {
    double sum = 0;
    for (float[] tensor : values) {
      for (float value : tensor) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /** {@code from + step * direction}. */
  public static float[][] moved(float[][] from, float[][] direction, double step) {
    float[][] moved = new float[from.length][];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = new float[from[i].length];
      for (int j = 0; j < moved[i].length; j++) {
        moved[i][j] = (float) (from[i][j] + step * direction[i][j]);
      }
    }
    return moved;
  }

  /** {@code factor * (plus - minus)}. */
  public static double[][] difference(float[][] plus, float[][] minus, double factor) {
    double[][] result = zeros(plus);
    for (int i = 0; i < result.length; i++) {
      for (int j = 0; j < result[i].length; j++) {
        result[i][j] = factor * ((double) plus[i][j] - minus[i][j]);
      }
    }
    return result;
  }
}
