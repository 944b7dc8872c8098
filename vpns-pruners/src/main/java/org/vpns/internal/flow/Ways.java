package org.vpns.internal.flow;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;

/**
 * Operators at which several flows meet, where it is asked which ways there are and not how much
 * flows on them: each goes on by itself. The operators themselves would lose some: a difference of
 * equal flows is 0, the largest is that of one way alone, and a product is 0 where a gate is that
 * in truth would be half open.
 */
final class Ways {
  private Ways() {}

  /** All ways on, or null where the operator chooses none. */
  static NDArray @Nullable [] on(Operator operator, @Nullable NDArray[] in, ForwardPass pass) {
    if (operator instanceof Elementwise.Binary) {
      return new NDArray[] {requireNonNull(in[0]).add(requireNonNull(in[1]))};
    }
    if (operator instanceof Layers.MatMul) {
      NDArray left = requireNonNull(in[0]);
      NDArray right = requireNonNull(in[1]);
      NDArray first = operator.apply(new NDArray[] {left, right.onesLike()}, pass)[0];
      return new NDArray[] {
        first.add(operator.apply(new NDArray[] {left.onesLike(), right}, pass)[0])
      };
    }
    Operator all = all(operator);
    return all == null ? null : all.apply(in, pass);
  }

  /** The operator that takes all in place of one; null if there is none. */
  private static @Nullable Operator all(Operator operator) {
    if (operator instanceof Reductions.Reduce reduce && reduce.reduction() != Reductions.Kind.SUM) {
      return new Reductions.Reduce(Reductions.Kind.MEAN, reduce.axes(), reduce.keep());
    }
    if (operator instanceof Pooling.Pool pool) {
      return new Pooling.Pool(
          Pooling.Kind.AVERAGE, pool.kernel(), pool.stride(), pool.padding(), pool.ceil(), true);
    }
    return operator instanceof Pooling.GlobalPool
        ? new Pooling.GlobalPool(Pooling.Kind.AVERAGE)
        : null;
  }
}
