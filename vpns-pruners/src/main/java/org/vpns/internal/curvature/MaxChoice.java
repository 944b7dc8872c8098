package org.vpns.internal.curvature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.vpns.internal.graph.op.Pooling;

/**
 * Which place of each window a maximum pooling took, and the pooling that goes on taking it. A
 * place is a number, row by row; of equal values the engine takes the first, and so does this.
 */
final class MaxChoice implements Gates.Gate {
  private final Pooling.Pool pool;
  private final long height;
  private final long width;
  private final NDArray place;

  private MaxChoice(Pooling.Pool pool, Shape out, NDArray place) {
    this.pool = pool;
    this.place = place;
    height = out.get(2);
    width = out.get(3);
  }

  /** The choices for maps x with pooled maps of the given shape. */
  static MaxChoice of(Pooling.Pool pool, NDArray x, Shape out) {
    MaxChoice choice = new MaxChoice(pool, out, x.getManager().zeros(out, x.getDataType()));
    NDArray padded = choice.pad(x, Float.NEGATIVE_INFINITY);
    NDArray best = choice.view(padded, 0);
    NDArray place = choice.place;
    for (int i = 1; i < choice.places(); i++) {
      NDArray value = choice.view(padded, i);
      NDArray larger = value.gt(best).toType(x.getDataType(), false);
      place = place.mul(larger.mul(-1).add(1)).add(larger.mul(i));
      best = best.maximum(value);
    }
    return new MaxChoice(pool, out, place);
  }

  @Override
  public NDArray apply(NDArray x) {
    NDArray padded = pad(x, 0); // never chosen
    NDArray sum = view(padded, 0).mul(chosen(x, 0));
    for (int i = 1; i < places(); i++) {
      sum = sum.add(view(padded, i).mul(chosen(x, i)));
    }
    return sum;
  }

  private NDArray chosen(NDArray x, int i) {
    return place.eq(i).toType(x.getDataType(), false);
  }

  private int places() {
    return Math.toIntExact(pool.kernel().size());
  }

  /** Padded on all sides, at the end as far as the last window reaches. */
  private NDArray pad(NDArray x, double value) {
    long top = pool.padding().get(0);
    long left = pool.padding().get(1);
    long bottom = end(0, height) - x.getShape().get(2) - top;
    long right = end(1, width) - x.getShape().get(3) - left;
    return x.pad(new Shape(left, Math.max(0, right), top, Math.max(0, bottom)), value);
  }

  private long end(int axis, long windows) {
    return (windows - 1) * pool.stride().get(axis) + pool.kernel().get(axis);
  }

  /** The values at one place of every window. */
  private NDArray view(NDArray padded, int at) {
    long row = at / pool.kernel().get(1);
    long column = at % pool.kernel().get(1);
    return padded.get(
        new NDIndex(":, :, " + range(row, 0, height) + ", " + range(column, 1, width)));
  }

  private String range(long from, int axis, long windows) {
    long stride = pool.stride().get(axis);
    return from + ":" + (from + (windows - 1) * stride + 1) + ":" + stride;
  }
}
