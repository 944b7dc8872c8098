package org.vpns.internal.runtime.plan;

import java.util.Arrays;
import org.vpns.internal.runtime.kernel.DenseConvolution;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Patches;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Sums;
import org.vpns.internal.runtime.kernel.Wide;
import org.vpns.internal.runtime.kernel.WinogradAcross;
import org.vpns.internal.runtime.kernel.WinogradConvolution;
import org.vpns.internal.runtime.kernel.WinogradInput;

/**
 * Plans a 3 x 3 convolution by patches of 4 x 4 pixels, two rows and columns apart: how much memory
 * that needs, what it costs, and its step.
 */
abstract class Winograd {
  /** G, whose products with a weight G g G' are multiplied with the patches. */
  private static final double[][] G = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

  final Layer.Kernel kernel;
  final Geometry geometry;

  private Winograd(Layer.Kernel kernel, Geometry geometry) {
    this.kernel = kernel;
    this.geometry = geometry;
  }

  /** Of a convolution that {@link #fits}. */
  static Winograd of(Layer.Kernel kernel, Geometry geometry) {
    Winograd byPixels = new ByPixels(kernel, geometry);
    return Wide.LANES >= 16 && byPixels.patches() == 1 ? new ByOutputs(kernel, geometry) : byPixels;
  }

  /** Whether a convolution is of this kind, and not too large. */
  static boolean fits(Layer.Kernel k) {
    return k.groups() == 1
        && k.height() == 3
        && k.width() == 3
        && k.strideY() == 1
        && k.strideX() == 1
        && k.dilationY() == 1
        && k.dilationX() == 1
        && products(k) <= Integer.MAX_VALUE / 2;
  }

  private static long products(Layer.Kernel k) {
    return (long) Patches.PLACES * k.inputs() * k.outputs();
  }

  /** Floats of memory for patches. */
  abstract long transformed();

  /** Floats of memory for sums. */
  abstract long between();

  /** Products of vectors that would take as long; the factors were measured: see {@link Way}. */
  abstract double cost();

  /**
   * The step.
   *
   * @param bias one number for each output
   */
  abstract Step step(float[] bias, Slot in, Slot transformed, Slot between, Sums sums);

  /** A lane has pixels, as everywhere else. */
  private static final class ByPixels extends Winograd {
    private static final int GROUP = DenseConvolution.group();

    ByPixels(Layer.Kernel kernel, Geometry geometry) {
      super(kernel, geometry);
    }

    private Patches tiles() {
      return Patches.of(patches(), kernel.inputs());
    }

    @Override
    long transformed() {
      return WinogradConvolution.transformed(tiles(), kernel.inputs());
    }

    @Override
    long between() {
      return WinogradConvolution.between(outputs(GROUP));
    }

    @Override
    double cost() {
      int alone = patches() % 2; // a load serves it only
      return products(kernel) * (1.15 * (patches() - alone) + 2 * alone) + transforms();
    }

    @Override
    Step step(float[] bias, Slot in, Slot transformed, Slot between, Sums sums) {
      return new WinogradConvolution(
          input(in, transformed),
          values(GROUP),
          Arrays.copyOf(bias, outputs(GROUP)),
          between.base(),
          tiles(),
          to(),
          sums);
    }
  }

  /** A lane has outputs: see {@link WinogradAcross}. */
  private static final class ByOutputs extends Winograd {
    private static final int GROUP = WinogradAcross.BLOCK;

    ByOutputs(Layer.Kernel kernel, Geometry geometry) {
      super(kernel, geometry);
    }

    private int lanes() {
      return geometry.gridY() * geometry.gridX();
    }

    @Override
    long transformed() {
      return WinogradAcross.transformed(kernel.inputs(), lanes());
    }

    @Override
    long between() {
      return WinogradAcross.between(outputs(GROUP), lanes());
    }

    @Override
    double cost() {
      double filled = (double) outputs(GROUP) / kernel.outputs();
      return 1.4 * filled * products(kernel) + 3 * transforms();
    }

    @Override
    Step step(float[] bias, Slot in, Slot transformed, Slot between, Sums sums) {
      return new WinogradAcross(
          input(in, transformed),
          values(GROUP),
          Arrays.copyOf(bias, outputs(GROUP)),
          between.base(),
          lanes(),
          to(),
          sums);
    }
  }

  /** Patches that cover a block. */
  int patches() {
    return ((geometry.blockY() + 1) / 2) * ((geometry.blockX() + 1) / 2);
  }

  /** Outputs, filled up to whole groups. */
  int outputs(int group) {
    return (kernel.outputs() + group - 1) / group * group;
  }

  /** What making patches, and outputs of sums, costs. */
  double transforms() {
    return 50.0 * (kernel.inputs() + kernel.outputs()) * patches();
  }

  WinogradInput input(Slot in, Slot transformed) {
    return WinogradInput.of(in.planes(), from(), transformed.base(), in.size);
  }

  /**
   * Where the vectors of each patch lie. A patch that stands out of the block reads its last row or
   * column again: only outputs that are not there depend on it.
   */
  private int[] from() {
    int lastY = geometry.blockY() + 1 - kernel.top();
    int lastX = geometry.blockX() + 1 - kernel.left();
    int[] from = new int[Patches.PLACES * patches()];
    int at = 0;
    for (int y = 0; y < geometry.blockY(); y += 2) {
      for (int x = 0; x < geometry.blockX(); x += 2) {
        for (int i = 0; i < Patches.PLACES; i++) {
          int row = Math.min(y + i / 4 - kernel.top(), lastY);
          int column = Math.min(x + i % 4 - kernel.left(), lastX);
          from[at++] = geometry.element(0, 0) + Weights.shift(geometry, row, column);
        }
      }
    }
    return from;
  }

  /** Where the outputs of each patch go. */
  int[] to() {
    int[] to = new int[4 * patches()];
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
  float[] values(int group) {
    int groups = outputs(group) / group;
    int inputs = kernel.inputs();
    float[] values = new float[Patches.PLACES * groups * inputs * group];
    for (int o = 0; o < kernel.outputs(); o++) {
      for (int c = 0; c < inputs; c++) {
        for (int i = 0; i < Patches.PLACES; i++) {
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
