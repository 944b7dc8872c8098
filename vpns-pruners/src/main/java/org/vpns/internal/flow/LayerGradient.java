package org.vpns.internal.flow;

import ai.djl.ndarray.types.Shape;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Layers;

/**
 * dR/dw of a convolution or linear layer for one image, from what enters the layer and the gradient
 * of what leaves it:
 *
 * <pre>
 * dR/dw[o, k] = sum over positions p of g[o, p] x[k, p]
 * </pre>
 *
 * with x[k, p] the input that weight k of a row meets at position p. The engine's way writes the
 * whole of dR/dw and reads and adds to it again, which at few positions is most of a pass's time;
 * at many positions the arithmetic is, which the engine does faster.
 */
final class LayerGradient implements WeightGradient {
  /** Layers of at most so many positions gain by it. */
  static final int MOST_POSITIONS = 16;

  private final int positions;
  private final int width;
  private final int rowsPerGroup;
  private final double[] met;
  private final double[] gradient;

  private LayerGradient(
      int positions, int width, int rowsPerGroup, double[] met, double[] gradient) {
    this.positions = positions;
    this.width = width;
    this.rowsPerGroup = rowsPerGroup;
    this.met = met;
    this.gradient = gradient;
  }

  /** Whether a layer with outputs of this shape, (batch, outputs, height, width), gains by it. */
  static boolean pays(Operator operator, Shape output) {
    boolean plane = operator instanceof Layers.Convolution && output.dimension() == 4;
    boolean row = operator instanceof Layers.Linear && output.dimension() == 2;
    return row || plane && output.slice(2).size() <= MOST_POSITIONS;
  }

  /**
   * The gradient of one layer.
   *
   * @param weight shape of its weight
   * @param input shape of what enters, (1, ...)
   * @param x what enters
   * @param output shape of what leaves, (1, ...)
   * @param gradient of what leaves
   */
  static LayerGradient of(
      Operator operator, Shape weight, Shape input, double[] x, Shape output, double[] gradient) {
    if (!(operator instanceof Layers.Convolution conv)) {
      int inputs = Math.toIntExact(weight.get(1));
      return new LayerGradient(1, inputs, Math.toIntExact(weight.get(0)), x, gradient);
    }
    return new LayerGradient(
        Math.toIntExact(output.slice(2).size()),
        Math.toIntExact(weight.slice(1).size()),
        Math.toIntExact(weight.get(0) / conv.groups()),
        met(conv, weight, input, x, output),
        gradient);
  }

  /** For all input channels, kernel rows and columns and positions the input met, 0 outside. */
  private static double[] met(
      Layers.Convolution conv, Shape weight, Shape input, double[] x, Shape output) {
    int channels = Math.toIntExact(input.get(1));
    int height = Math.toIntExact(input.get(2));
    int columns = Math.toIntExact(input.get(3));
    double[] met =
        new double[channels * Math.toIntExact(weight.slice(2).size() * output.slice(2).size())];
    int at = 0;
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < weight.get(2); i++) {
        for (int j = 0; j < weight.get(3); j++) {
          for (int row = 0; row < output.get(2); row++) {
            long y =
                row * conv.stride().get(0) - conv.padding().get(0) + i * conv.dilation().get(0);
            for (int column = 0; column < output.get(3); column++) {
              long z =
                  column * conv.stride().get(1)
                      - conv.padding().get(1)
                      + j * conv.dilation().get(1);
              boolean inside = y >= 0 && y < height && z >= 0 && z < columns;
              met[at++] = inside ? x[(int) ((c * height + y) * columns + z)] : 0;
            }
          }
        }
      }
    }
    return met;
  }

  @Override
  public void row(int row, double[] into) {
    int base = row / rowsPerGroup * width * positions;
    if (positions == 1) {
      double g = gradient[row];
      for (int k = 0; k < width; k++) {
        into[k] = g * met[base + k];
      }
      return;
    }
    for (int k = 0; k < width; k++) {
      double sum = 0;
      for (int p = 0; p < positions; p++) {
        sum += gradient[row * positions + p] * met[base + k * positions + p];
      }
      into[k] = sum;
    }
  }
}
