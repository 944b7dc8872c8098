package org.vpns.structured.prune;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.function.IntConsumer;
import org.vpns.structured.ChannelUnit.Slice;

/** Slices as entries of their parameters. */
final class Slices {
  private Slices() {}

  /** Each entry of a slice, row-major. */
  static void each(Slice slice, Shape shape, IntConsumer action) {
    int length = Ints.checkedCast(shape.get(slice.axis()));
    int stride = Ints.checkedCast(shape.slice(slice.axis() + 1).size());
    int size = Ints.checkedCast(shape.size());
    for (int block = 0; block < size; block += length * stride) {
      for (int position : slice.positions()) {
        int from = block + position * stride;
        for (int i = from; i < from + stride; i++) {
          action.accept(i);
        }
      }
    }
  }
}
