package org.vpns.score;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;

/** The weights of all prunable tensors as plain numbers. */
final class Weights {
  private Weights() {}

  /** The context's weights, removed ones 0. */
  static float[][] under(ScoringContext context, MaskSet masks) {
    Layout layout = context.layout();
    return all(layout, i -> remove(context.weights(i), masks.get(layout.path(i))));
  }

  private static float[][] all(Layout layout, IntFunction<float[]> each) {
    float[][] all = new float[layout.tensors()][];
    for (int i = 0; i < all.length; i++) {
      all[i] = each.apply(i);
    }
    return all;
  }

  /** The values, those of removed weights 0; in place. */
  static float[] remove(float[] values, Mask mask) {
    if (mask.kept() < values.length) {
      for (int i = 0; i < values.length; i++) {
        values[i] = mask.isKept(i) ? values[i] : 0;
      }
    }
    return values;
  }

  /** Number of all values together. */
  static int count(float[][] values) {
    return Arrays.stream(values).mapToInt(tensor -> tensor.length).sum();
  }

  /** Euclidean norm of all values together. */
  static double norm(float[][] values) {
    double sum = 0;
    for (float[] tensor : values) {
      for (float value : tensor) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /** {@code weights + step * direction}. */
  static float[][] moved(float[][] weights, float[][] direction, double step) {
    float[][] moved = new float[weights.length][];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = new float[weights[i].length];
      for (int j = 0; j < moved[i].length; j++) {
        moved[i][j] = (float) (weights[i][j] + step * direction[i][j]);
      }
    }
    return moved;
  }
}
