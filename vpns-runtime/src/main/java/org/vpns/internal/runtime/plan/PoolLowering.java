package org.vpns.internal.runtime.plan;

import java.util.Arrays;
import org.vpns.graph.GraphNode;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.runtime.kernel.Reduction;

/**
 * Makes layers of operators that make one number of several; each method gives false where there is
 * nothing for one.
 */
final class PoolLowering {
  private final LoweredTensors tensors;

  PoolLowering(LoweredTensors tensors) {
    this.tensors = tensors;
  }

  boolean addPool(GraphNode node, Pooling.Pool pool, int in, int[] to) {
    return pool.kernel().dimension() == 2 && tensors.put(node, to, window(pool, in));
  }

  private static LoweredTensors.Made window(Pooling.Pool pool, int in) {
    return y ->
        new Layer.Window(
            in,
            y,
            pool.pool() == Pooling.Kind.MAX,
            (int) pool.kernel().get(0),
            (int) pool.kernel().get(1),
            (int) pool.stride().get(0),
            (int) pool.stride().get(1),
            (int) pool.padding().get(0),
            (int) pool.padding().get(1));
  }

  boolean addGlobal(GraphNode node, Pooling.GlobalPool pool, int in, int[] from, int[] to) {
    if (pool.pool() == Pooling.Kind.AVERAGE && from.length == 3) {
      return tensors.put(node, to, y -> new Layer.MapMean(in, y));
    }
    Reduction.Kind kind =
        pool.pool() == Pooling.Kind.MAX ? Reduction.Kind.MAX : Reduction.Kind.MEAN;
    int length = LayerList.size(from) / from[0];
    return tensors.put(node, to, y -> new Layer.Reduce(in, y, kind, from[0], length, 1));
  }

  boolean addReduce(GraphNode node, Reductions.Reduce reduce, int in, int[] from, int[] to) {
    Reduction.Kind kind =
        switch (reduce.reduction()) {
          case MEAN -> Reduction.Kind.MEAN;
          case SUM -> Reduction.Kind.SUM;
          case MAX -> Reduction.Kind.MAX;
          case MIN -> Reduction.Kind.MIN;
          case PROD -> null;
        };
    int rank = from.length + 1;
    int[] axes = reduce.axes().stream().mapToInt(a -> a < 0 ? a + rank : a).sorted().toArray();
    if (kind == null || axes.length == 0 || axes[0] == 0) {
      return false;
    }
    if (kind == Reduction.Kind.MEAN && rank == 4 && Arrays.equals(axes, new int[] {2, 3})) {
      return tensors.put(node, to, y -> new Layer.MapMean(in, y));
    }
    if (axes[axes.length - 1] - axes[0] != axes.length - 1) {
      return false;
    }
    int outer = LayerList.product(from, 0, axes[0] - 1);
    int length = LayerList.product(from, axes[0] - 1, axes[axes.length - 1]);
    int inner = LayerList.product(from, axes[axes.length - 1], from.length);
    return tensors.put(node, to, y -> new Layer.Reduce(in, y, kind, outer, length, inner));
  }
}
