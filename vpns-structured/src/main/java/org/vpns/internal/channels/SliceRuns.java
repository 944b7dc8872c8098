package org.vpns.internal.channels;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import org.vpns.structured.ChannelUnit.Slice;

/** Slices as entries of their parameters in flat order. */
public final class SliceRuns {
  private SliceRuns() {}

  /** Takes entries that lie one after the other. */
  @FunctionalInterface
  public interface Run {
    /**
     * Some of them.
     *
     * @param from the first
     * @param to one behind the last
     */
    void of(int from, int to);
  }

  /**
   * All entries of a slice, row-major.
   *
   * @param shape of its parameter
   */
  public static void each(Slice slice, Shape shape, Run action) {
    long[] lengths = shape.getShape(); // a shape multiplies by streams, which cost more than a run
    int length = Ints.checkedCast(lengths[slice.axis()]);
    int stride = product(lengths, slice.axis() + 1);
    int size = product(lengths, 0);
    for (int block = 0; block < size; block += length * stride) {
      for (int position : slice.positions()) {
        int from = block + position * stride;
        action.of(from, from + stride);
      }
    }
  }

  private static int product(long[] lengths, int from) {
    long product = 1;
    for (int axis = from; axis < lengths.length; axis++) {
      product *= lengths[axis];
    }
    return Ints.checkedCast(product);
  }
}
