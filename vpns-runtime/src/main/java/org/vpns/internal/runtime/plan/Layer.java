package org.vpns.internal.runtime.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.Reduction;
import org.vpns.internal.runtime.kernel.Unary;

/**
 * A part of a network for one image, with its weights; what it reads and makes are numbers of
 * values. Several operators of a graph may have become one.
 */
sealed interface Layer {
  /** Values that it reads. */
  List<Integer> inputs();

  /** The value that it makes. */
  int output();

  /** The same with limits on what it makes, or null if it takes none. */
  default @Nullable Layer clamped(int newOutput, Clamp next) {
    return null;
  }

  /**
   * What is multiplied with what.
   *
   * @param weight (outputs, inputs, height, width)
   * @param inputs channels that an output reads
   * @param top rows of zeros above the map
   * @param left columns of zeros before it
   */
  record Kernel(
      float[] weight,
      int outputs,
      int inputs,
      int height,
      int width,
      int strideY,
      int strideX,
      int top,
      int left,
      int dilationY,
      int dilationX,
      int groups) {
    Kernel padded(int moreTop, int moreLeft) {
      return new Kernel(
          weight,
          outputs,
          inputs,
          height,
          width,
          strideY,
          strideX,
          top + moreTop,
          left + moreLeft,
          dilationY,
          dilationX,
          groups);
    }

    Kernel weighted(float[] values) {
      return new Kernel(
          values, outputs, inputs, height, width, strideY, strideX, top, left, dilationY, dilationX,
          groups);
    }
  }

  /** A convolution; residual is a value that is added to its sums, or -1. */
  record Convolve(int in, int residual, int output, Kernel kernel, float[] bias, Clamp clamp)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return residual < 0 ? List.of(in) : List.of(in, residual);
    }

    @Override
    public Layer clamped(int newOutput, Clamp next) {
      return new Convolve(in, residual, newOutput, kernel, bias, clamp.then(next));
    }

    Convolve weighted(int newOutput, float[] weight, float[] newBias) {
      return new Convolve(in, residual, newOutput, kernel.weighted(weight), newBias, clamp);
    }
  }

  /** A linear layer; the weight is (outputs, inputs). */
  record Multiply(int in, int output, float[] weight, float[] bias, Clamp clamp) implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }

    @Override
    public Layer clamped(int newOutput, Clamp next) {
      return new Multiply(in, newOutput, weight, bias, clamp.then(next));
    }
  }

  /** A scale and a shift of each channel. */
  record Scale(int in, int output, double[] scale, double[] shift, Clamp clamp) implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }

    @Override
    public Layer clamped(int newOutput, Clamp next) {
      return new Scale(in, newOutput, scale, shift, clamp.then(next));
    }
  }

  /** A function of each value. */
  record Apply(int in, int output, Unary.Function function, float alpha, Clamp clamp)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }

    @Override
    public Layer clamped(int newOutput, Clamp next) {
      return new Apply(in, newOutput, function, alpha, clamp.then(next));
    }
  }

  /** A function of two values, of equal shape or one number per channel on the right. */
  record Combine(int left, int right, int output, Binary.Function function, Clamp clamp)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(left, right);
    }

    @Override
    public Layer clamped(int newOutput, Clamp next) {
      return new Combine(left, right, newOutput, function, clamp.then(next));
    }
  }

  /** A function of each value and a number. */
  record Count(int in, int output, Binary.Function function, float number, Clamp clamp)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }

    @Override
    public Layer clamped(int newOutput, Clamp next) {
      return new Count(in, newOutput, function, number, clamp.then(next));
    }
  }

  /** The largest value, or the mean, of windows. */
  record Window(
      int in,
      int output,
      boolean largest,
      int height,
      int width,
      int strideY,
      int strideX,
      int top,
      int left)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }
  }

  /** The mean of each map. */
  record MapMean(int in, int output) implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }
  }

  /** Values combined along an axis. */
  record Reduce(int in, int output, Reduction.Kind kind, int outer, int length, int inner)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }
  }

  /**
   * Values in other places.
   *
   * @param from for each value, row-major, where it was; -1 for {@code fill}; null for the order
   *     that they had
   * @param border zeros around a map, if that is all: top, left; null if it is something else
   */
  record Rearrange(int in, int output, int @Nullable [] from, float fill, int @Nullable [] border)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(in);
    }
  }

  /** Tensors one after the other along the first axis. */
  record Append(List<Integer> inputs, int output) implements Layer {}

  /** Values that are there from the start. */
  record Constant(int output, float[] values) implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of();
    }
  }
}
