package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.ex;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments with weights, and what usually stands between them. */
public final class Layers {
  private Layers() {}

  /**
   * A layer linear in its input and in its weight; inputs x, weight, optional bias. Each entry of
   * the weight takes part in equally many multiply-adds.
   */
  public interface Weighted extends Operator {
    @Override
    default boolean sharesMacs(int input) {
      return input == 1;
    }
  }

  /**
   * Convolution; inputs x, weight (out, in / groups, kernel), optional bias.
   *
   * @param stride one number per spatial axis
   * @param padding zeros on both sides, one number per spatial axis
   * @param dilation one number per spatial axis
   * @param groups number of groups of channels
   */
  public record Convolution(Shape stride, Shape padding, Shape dilation, int groups)
      implements Weighted {
    @Override
    public String kind() {
      return "conv";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray bias = in.length > 2 ? in[2] : null;
      return one(
          ex(in)
              .convolution(array(in, 0), array(in, 1), bias, stride, padding, dilation, groups)
              .singletonOrThrow());
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      Shape weight = present(in, 1, this);
      int axes = stride.dimension();
      if (x.dimension() != axes + 2
          || weight.dimension() != axes + 2
          || padding.dimension() != axes
          || dilation.dimension() != axes
          || groups < 1
          || x.get(1) != -1 && x.get(1) != weight.get(1) * groups
          || weight.get(0) % groups != 0) {
        throw misfit(this, "maps that fit the kernel", in);
      }
      Arguments.requireBias(in, weight.get(0), this);
      long[] result = new long[axes + 2];
      result[0] = x.get(0);
      result[1] = weight.get(0);
      for (int i = 0; i < axes; i++) {
        long kernel = dilation.get(i) * (weight.get(i + 2) - 1) + 1;
        result[i + 2] =
            Pooling.length(x.get(i + 2), kernel, stride.get(i), padding.get(i), false, this);
      }
      return List.of(new Shape(result));
    }

    @Override
    public long macs(List<@Nullable Shape> in, List<Shape> out) {
      return Arguments.knownBeside(1, out.get(0))
          * Arguments.product(present(in, 1, this).getShape());
    }
  }

  /** x times the transposed weight, plus bias; inputs x (..., in), weight (out, in), bias. */
  public record Linear() implements Weighted {
    @Override
    public String kind() {
      return "linear";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray bias = in.length > 2 ? in[2] : null;
      return one(ex(in).linear(array(in, 0), array(in, 1), bias).singletonOrThrow());
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      Shape weight = present(in, 1, this);
      int rank = x.dimension();
      if (rank < 1
          || weight.dimension() != 2
          || x.get(rank - 1) != -1 && x.get(rank - 1) != weight.get(1)) {
        throw misfit(this, "inputs of the weight's width", in);
      }
      Arguments.requireBias(in, weight.get(0), this);
      return List.of(x.slice(0, rank - 1).add(weight.get(0)));
    }

    @Override
    public long macs(List<@Nullable Shape> in, List<Shape> out) {
      Shape y = out.get(0);
      return Arguments.knownBeside(y.dimension() - 1, y)
          * Arguments.product(present(in, 1, this).getShape());
    }
  }

  /**
   * Batch norm; inputs x, running mean, running variance, scale, shift. In a training pass the
   * running statistics move: new = momentum * old + (1 - momentum) * batch.
   *
   * @param axis channel axis; -1 is axis 1
   * @param momentum share of the old statistics that stays
   * @param eps added to the variance
   */
  public record BatchNorm(int axis, float momentum, float eps) implements Operator {
    /** Axes of the least maps that memory may hold in several orders. */
    private static final int MAPS = 4;

    @Override
    public String kind() {
      return "batchNorm";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray x = array(in, 0);
      Shape shape = x.getShape();
      if (shape.dimension() < MAPS || shape.get(0) != 1) {
        return one(normalised(x, in, pass));
      }
      // of one image the engine takes one order of axes in memory for another, and so gives wrong
      // gradients where axes are swapped before or after: both sides see rows of numbers alone
      try (NDArray flat = x.flatten();
          NDArray given = flat.reshape(shape);
          NDArray made = normalised(given, in, pass);
          NDArray row = made.flatten()) {
        return one(row.reshape(shape));
      }
    }

    private NDArray normalised(NDArray x, @Nullable NDArray[] in, ForwardPass pass) {
      return x.getNDArrayInternal()
          .batchNorm(
              x,
              array(in, 1),
              array(in, 2),
              array(in, 3),
              array(in, 4),
              axis,
              momentum,
              eps,
              pass.training())
          .singletonOrThrow();
    }

    @Override
    public boolean isStatistic(int input) {
      return input == 1 || input == 2;
    }

    /** The channel axis counted from the front. */
    public int channelAxis() {
      return axis == -1 ? 1 : axis;
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int channel = channelAxis();
      for (int i = 1; i <= 4; i++) {
        Shape statistic = present(in, i, this);
        if (channel >= x.dimension()
            || statistic.dimension() != 1
            || x.get(channel) != -1 && statistic.get(0) != x.get(channel)) {
          throw misfit(this, "one number per channel", in);
        }
      }
      return List.of(x);
    }
  }

  /**
   * Layer norm over the last axes; inputs x, scale, shift.
   *
   * @param shape lengths of the normalised axes
   * @param eps added to the variance
   */
  public record LayerNorm(Shape shape, float eps) implements Operator {
    @Override
    public String kind() {
      return "layerNorm";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(
          ex(in)
              .layerNorm(array(in, 0), shape, array(in, 1), array(in, 2), eps)
              .singletonOrThrow());
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int first = x.dimension() - shape.dimension();
      if (first < 0 || !x.slice(first).equals(shape)) {
        throw misfit(this, "last axes " + shape, in);
      }
      if (!shape.equals(present(in, 1, this)) || !shape.equals(present(in, 2, this))) {
        throw misfit(this, "scale and shift " + shape, in);
      }
      return List.of(x);
    }
  }

  /**
   * Sets a share of the values to zero in a training pass and scales the others up.
   *
   * @param rate the share
   */
  public record Dropout(float rate) implements Operator {
    @Override
    public String kind() {
      return "dropout";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(ex(in).dropout(array(in, 0), rate, pass.training()).singletonOrThrow());
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Arguments.requireShare(rate, this);
      return List.of(present(in, 0, this));
    }
  }

  /**
   * Product of matrices (..., m, k) and (..., k, n) over broadcast leading axes.
   *
   * @param batched whether it was written as a product of two stacks of matrices
   */
  public record MatMul(boolean batched) implements Operator {
    @Override
    public String kind() {
      return "matMul";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray a = array(in, 0);
      NDArray b = array(in, 1);
      return one(batched ? a.batchMatMul(b) : a.matMul(b));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape a = present(in, 0, this);
      Shape b = present(in, 1, this);
      int ranka = a.dimension();
      int rankb = b.dimension();
      if (ranka < 2
          || rankb < 2
          || a.get(ranka - 1) != b.get(rankb - 2)
              && a.get(ranka - 1) != -1
              && b.get(rankb - 2) != -1) {
        throw misfit(this, "matrices that fit", in);
      }
      Shape leading = Arguments.broadcast(a.slice(0, ranka - 2), b.slice(0, rankb - 2), this);
      return List.of(leading.add(a.get(ranka - 2)).add(b.get(rankb - 1)));
    }

    @Override
    public long macs(List<@Nullable Shape> in, List<Shape> out) {
      Shape a = present(in, 0, this);
      return Arguments.known(out.get(0)) * a.get(a.dimension() - 1);
    }

    @Override
    public boolean sharesMacs(int input) {
      return true;
    }
  }
}
