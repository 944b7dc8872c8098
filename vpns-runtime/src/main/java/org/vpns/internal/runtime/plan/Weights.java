package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vpns.internal.runtime.kernel.DenseConvolution;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.SparseRows;
import org.vpns.internal.runtime.kernel.Wide;

/** Weights as the kernels read them: beside each, how far away lies what it is multiplied with. */
final class Weights {
  /** Below this share of weights that are there, those that are not are left out. */
  private static final double DENSE = 0.53;

  private Weights() {}

  /** Whether a linear layer is worth more with all its weights. */
  static boolean isDense(float[] weight) {
    return count(weight) > DENSE * weight.length;
  }

  /** Weights that are there. */
  static long count(float[] weight) {
    long there = 0;
    for (float w : weight) {
      there += w == 0 ? 0 : 1;
    }
    return there;
  }

  /** Adds weights of one output after the other. */
  private static final class Rows {
    private final int[] starts;
    private int[] offsets = new int[1024];
    private float[] values = new float[1024];
    private int count;

    Rows(int outputs) {
      starts = new int[outputs + 1];
    }

    void add(float value, int offset) {
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
        values = Arrays.copyOf(values, 2 * count);
      }
      offsets[count] = offset;
      values[count++] = value;
    }

    void end(int output) {
      starts[output + 1] = count;
    }

    SparseRows of(float[] bias) {
      return new SparseRows(
          starts, Arrays.copyOf(offsets, count), Arrays.copyOf(values, count), bias);
    }
  }

  /** Floats from an output's position to what a kernel's weight is multiplied with. */
  static int offset(Layer.Kernel k, Geometry g, int channel, int y, int x) {
    int down = y * k.dilationY() - k.top();
    int right = x * k.dilationX() - k.left();
    int phase = Math.floorMod(down, k.strideY()) * k.strideX() + Math.floorMod(right, k.strideX());
    int plane = channel * k.strideY() * k.strideX() + phase;
    return Math.addExact(
        Math.multiplyExact(plane, g.plane()),
        shift(g, Math.floorDiv(down, k.strideY()), Math.floorDiv(right, k.strideX())));
  }

  /** Floats from a position to that some rows and columns away. */
  static int shift(Geometry g, int rows, int columns) {
    return (rows * g.pitch() + columns) * Wide.LANES;
  }

  /**
   * Of a convolution, in cuts of about as many channels each.
   *
   * @param residual floats from the input's first to that of what is added; ignored unless added
   * @param adds whether something is added
   * @param cuts at most so many
   */
  static List<SparseRows> sparse(
      Layer.Kernel k, Geometry g, float[] bias, boolean adds, int residual, int cuts) {
    int count = Math.min(cuts, k.inputs());
    List<SparseRows> all = new ArrayList<>();
    for (int cut = 0; cut < count; cut++) {
      int begin = Wide.begin(k.inputs(), cut, count);
      int end = Wide.begin(k.inputs(), cut + 1, count);
      all.add(sparse(k, g, bias, adds && cut == count - 1, residual, begin, end));
    }
    return all;
  }

  private static SparseRows sparse(
      Layer.Kernel k, Geometry g, float[] bias, boolean adds, int residual, int begin, int end) {
    Rows rows = new Rows(k.outputs());
    int perGroup = k.outputs() / k.groups();
    for (int o = 0; o < k.outputs(); o++) {
      int at = (o * k.inputs() + begin) * k.height() * k.width();
      for (int c = begin; c < end; c++) {
        int channel = o / perGroup * k.inputs() + c;
        for (int y = 0; y < k.height(); y++) {
          for (int x = 0; x < k.width(); x++, at++) {
            if (k.weight()[at] != 0) {
              rows.add(k.weight()[at], offset(k, g, channel, y, x));
            }
          }
        }
      }
      if (adds) {
        rows.add(1, residual + o * g.plane());
      }
      rows.end(o);
    }
    return rows.of(bias);
  }

  /** Offsets of the first channel's weights. */
  static int[] firstOffsets(Layer.Kernel k, Geometry g) {
    int[] offsets = new int[k.height() * k.width()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = offset(k, g, 0, i / k.width(), i % k.width());
    }
    return offsets;
  }

  /** Offsets of a kernel's weights, the same for each output. */
  static int[] offsets(Layer.Kernel k, Geometry g) {
    int[] offsets = new int[k.inputs() * k.height() * k.width()];
    int at = 0;
    for (int c = 0; c < k.inputs(); c++) {
      for (int y = 0; y < k.height(); y++) {
        for (int x = 0; x < k.width(); x++) {
          offsets[at++] = offset(k, g, c, y, x);
        }
      }
    }
    return offsets;
  }

  /** Weights of some outputs side by side, filled up with zeros. */
  static float[] grouped(float[] weight, int outputs) {
    int group = DenseConvolution.group();
    int each = weight.length / outputs;
    float[] result = new float[padded(outputs) * each];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < each; i++) {
        result[(o / group * each + i) * group + o % group] = weight[o * each + i];
      }
    }
    return result;
  }

  static int padded(int outputs) {
    int group = DenseConvolution.group();
    return (outputs + group - 1) / group * group;
  }

  /** Rows of a matrix (outputs, inputs). */
  static SparseRows matrix(float[] weight, float[] bias) {
    Rows rows = new Rows(bias.length);
    int each = weight.length / bias.length;
    for (int o = 0; o < bias.length; o++) {
      for (int i = 0; i < each; i++) {
        if (weight[o * each + i] != 0) {
          rows.add(weight[o * each + i], i);
        }
      }
      rows.end(o);
    }
    return rows.of(bias);
  }

  /**
   * A convolution to maps of one pixel as a matrix: each output's weights where they meet the input
   * (inputs, height, width), row-major.
   */
  static float[] asMatrix(Layer.Kernel k, int[] in) {
    int map = in[1] * in[2];
    float[] matrix = new float[Math.multiplyExact(k.outputs(), in[0] * map)];
    int perGroup = k.outputs() / k.groups();
    int at = 0;
    for (int o = 0; o < k.outputs(); o++) {
      for (int c = 0; c < k.inputs(); c++) {
        int channel = o / perGroup * k.inputs() + c;
        for (int y = 0; y < k.height(); y++) {
          for (int x = 0; x < k.width(); x++, at++) {
            int down = y * k.dilationY() - k.top();
            int right = x * k.dilationX() - k.left();
            if (down >= 0 && down < in[1] && right >= 0 && right < in[2]) {
              matrix[(o * in[0] + channel) * map + down * in[2] + right] = k.weight()[at];
            }
          }
        }
      }
    }
    return matrix;
  }
}
