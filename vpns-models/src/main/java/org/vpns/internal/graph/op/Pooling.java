package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.ex;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Pooling over windows and over whole maps. */
public final class Pooling {
  private Pooling() {}

  /** What becomes of a window. */
  public enum Kind {
    /** Largest value. */
    MAX,
    /** Mean; padding counts. */
    AVERAGE
  }

  /**
   * Pooling over windows.
   *
   * @param pool what becomes of a window
   * @param kernel window, one number per spatial axis
   * @param stride one number per spatial axis
   * @param padding on both sides, one number per spatial axis
   * @param ceil whether a last, incomplete window counts
   * @param countPadding whether an average was asked to count padding; the engine always does
   */
  public record Pool(
      Kind pool, Shape kernel, Shape stride, Shape padding, boolean ceil, boolean countPadding)
      implements Operator {
    @Override
    public String kind() {
      return pool == Kind.MAX ? "maxPool" : "avgPool";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(
          pool == Kind.MAX
              ? ex(in).maxPool(kernel, stride, padding, ceil)
              : ex(in).avgPool(kernel, stride, padding, ceil, countPadding));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int axes = kernel.dimension();
      if (x.dimension() != axes + 2 || stride.dimension() != axes || padding.dimension() != axes) {
        throw misfit(this, "maps of " + axes + " spatial axes", in);
      }
      long[] result = new long[axes + 2];
      result[0] = x.get(0);
      result[1] = x.get(1);
      for (int i = 0; i < axes; i++) {
        result[i + 2] =
            length(x.get(i + 2), kernel.get(i), stride.get(i), padding.get(i), ceil, this);
      }
      return List.of(new Shape(result));
    }
  }

  /**
   * Pooling over whole maps, (batch, channels, ...) to (batch, channels).
   *
   * @param pool what becomes of a map
   */
  public record GlobalPool(Kind pool) implements Operator {
    @Override
    public String kind() {
      return "global" + pool.name().charAt(0) + pool.name().substring(1).toLowerCase(Locale.ROOT);
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(pool == Kind.MAX ? ex(in).globalMaxPool() : ex(in).globalAvgPool());
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      if (x.dimension() < 3) {
        throw misfit(this, "maps", in);
      }
      return List.of(x.slice(0, 2));
    }
  }

  /** Length of an axis after windows have moved over it. */
  static long length(
      long length, long kernel, long stride, long padding, boolean ceil, Operator operator) {
    if (length == -1) {
      return -1;
    }
    long room = length + 2 * padding - kernel;
    if (kernel < 1 || stride < 1 || padding < 0 || room < 0) {
      throw misfit(
          operator, "a window inside the padded map", "length " + length + ", window " + kernel);
    }
    if (!ceil) {
      return room / stride + 1;
    }
    long windows = (room + stride - 1) / stride + 1;
    // a window must begin inside the map or its left padding
    return (windows - 1) * stride >= length + padding ? windows - 1 : windows;
  }
}
