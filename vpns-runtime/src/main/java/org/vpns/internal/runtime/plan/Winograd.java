package org.vpns.internal.runtime.plan;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.vpns.internal.runtime.kernel.DenseConvolution;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Patches;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Sums;
import org.vpns.internal.runtime.kernel.Wide;
import org.vpns.internal.runtime.kernel.WinogradAcross;
import org.vpns.internal.runtime.kernel.WinogradConvolution;
import org.vpns.internal.runtime.kernel.WinogradInput;

/** Plans a 3 x 3 convolution by patches of 4 x 4 pixels, two rows and columns apart. */
final class Winograd {
  /** G, whose products with a weight G g G' are multiplied with the patches. */
  private static final double[][] G = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

  private final Layer.Kernel kernel;
  private final Geometry geometry;
  private final Patches patches;

  /** Outputs whose weights lie side by side. */
  private final int group;

  Winograd(Layer.Kernel kernel, Geometry geometry) {
    this.kernel = kernel;
    this.geometry = geometry;
    patches = Patches.of(patches(geometry), kernel.inputs());
    group = isAcross(geometry) ? WinogradAcross.BLOCK : DenseConvolution.group();
  }

  /** Whether lanes are outputs. */
  static boolean isAcross(Geometry g) {
    return Wide.LANES >= 16 && patches(g) == 1;
  }

  /** Whether a convolution is of this kind. */
  static boolean fits(Layer.Kernel k) {
    return k.groups() == 1
        && k.height() == 3
        && k.width() == 3
        && k.strideY() == 1
        && k.strideX() == 1
        && k.dilationY() == 1
        && k.dilationX() == 1;
  }

  /** Patches that cover a block. */
  static int patches(Geometry g) {
    return ((g.blockY() + 1) / 2) * ((g.blockX() + 1) / 2);
  }

  /** Outputs, filled up to whole groups. */
  private int outputs() {
    return (kernel.outputs() + group - 1) / group * group;
  }

  private int lanes() {
    return geometry.gridY() * geometry.gridX();
  }

  /** Floats of memory for patches. */
  int transformed() {
    return Math.toIntExact(
        isAcross(geometry)
            ? WinogradAcross.transformed(kernel.inputs(), lanes())
            : WinogradConvolution.transformed(patches, kernel.inputs()));
  }

  /** Floats of memory for sums. */
  int between() {
    return Math.toIntExact(
        isAcross(geometry)
            ? WinogradAcross.between(outputs(), lanes())
            : WinogradConvolution.between(outputs()));
  }

  Step step(float[] bias, Slot in, Slot transformed, Slot between, Sums sums) {
    WinogradInput input = new WinogradInput(in.planes(), from(), transformed.base());
    float[] filled = Arrays.copyOf(bias, outputs());
    if (isAcross(geometry)) {
      int[] offsets = IntStream.range(0, kernel.inputs()).map(c -> c * group).toArray();
      return new WinogradAcross(
          input, offsets, values(), filled, between.base(), lanes(), to(), sums);
    }
    return new WinogradConvolution(
        input,
        WinogradConvolution.Offsets.of(kernel.inputs()),
        values(),
        filled,
        between.base(),
        patches,
        to(),
        sums);
  }

  /**
   * Where the vectors of each patch lie. A patch that stands out of the block reads its last row or
   * column again: only outputs that are not there depend on it.
   */
  private int[] from() {
    int lastY = geometry.blockY() + 1 - kernel.top();
    int lastX = geometry.blockX() + 1 - kernel.left();
    int[] from = new int[WinogradConvolution.PLACES * patches(geometry)];
    int at = 0;
    for (int y = 0; y < geometry.blockY(); y += 2) {
      for (int x = 0; x < geometry.blockX(); x += 2) {
        for (int i = 0; i < WinogradConvolution.PLACES; i++) {
          int row = Math.min(y + i / 4 - kernel.top(), lastY);
          int column = Math.min(x + i % 4 - kernel.left(), lastX);
          from[at++] = geometry.element(0, 0) + Weights.shift(geometry, row, column);
        }
      }
    }
    return from;
  }

  /** Where the outputs of each patch go. */
  private int[] to() {
    int[] to = new int[4 * patches(geometry)];
    int at = 0;
    for (int y = 0; y < geometry.blockY(); y += 2) {
      for (int x = 0; x < geometry.blockX(); x += 2) {
        for (int i = 0; i < 4; i++) {
          int row = y + i / 2;
          int column = x + i % 2;
          boolean there = row < geometry.blockY() && column < geometry.blockX();
          to[at++] = there ? geometry.element(0, 0) + Weights.shift(geometry, row, column) : -1;
        }
      }
    }
    return to;
  }

  /** Weights, the outputs of a group side by side. */
  private float[] values() {
    int groups = outputs() / group;
    int inputs = kernel.inputs();
    float[] values = new float[WinogradConvolution.PLACES * groups * inputs * group];
    for (int o = 0; o < kernel.outputs(); o++) {
      for (int c = 0; c < inputs; c++) {
        for (int i = 0; i < WinogradConvolution.PLACES; i++) {
          values[((i * groups + o / group) * inputs + c) * group + o % group] =
              (float) product((o * inputs + c) * 9, G[i / 4], G[i % 4]);
        }
      }
    }
    return values;
  }

  /** A number of G g G'. */
  private double product(int at, double[] left, double[] right) {
    double sum = 0;
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 3; x++) {
        sum += left[y] * kernel.weight()[at + 3 * y + x] * right[x];
      }
    }
    return sum;
  }
}
