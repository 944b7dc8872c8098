package org.vpns.graph;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What stays of an array in another shape. Axes of both shapes go together in runs of equal size;
 * within a run, what stays is written out as positions of all its entries in order, and must be
 * positions of each new axis by itself.
 */
final class Reshaped {
  private Reshaped() {}

  /** What stays in the new shape, or null if no choice of positions along its axes is that. */
  static @Nullable Kept kept(Shape from, Kept kept, Shape to) {
    Kept result = Kept.all(to.dimension());
    int i = 0;
    int j = 0;
    while (i < from.dimension() || j < to.dimension()) {
      int firstOld = i;
      int firstNew = j;
      long size = i < from.dimension() ? from.get(i++) : 1;
      long other = j < to.dimension() ? to.get(j++) : 1;
      while (size != other) {
        if (size == -1 || other == -1) {
          return null; // the batch is part of it
        }
        if (size < other && i < from.dimension()) {
          size *= from.get(i++);
        } else if (other < size && j < to.dimension()) {
          other *= to.get(j++);
        } else {
          return null;
        }
      }
      if (!IntStream.range(firstOld, i).allMatch(a -> kept.axis(a) == null)) {
        int[] entries = entries(from.slice(firstOld, i), kept, firstOld);
        result = placed(entries, to.slice(firstNew, j), result, firstNew);
        if (result == null) {
          return null;
        }
      }
    }
    return result;
  }

  /** Row-major positions of the entries that stay. */
  private static int[] entries(Shape run, Kept kept, int first) {
    int[] entries = {0};
    for (int d = 0; d < run.dimension(); d++) {
      int length = Math.toIntExact(run.get(d));
      int[] positions = Kept.positions(kept.axis(first + d), length);
      entries =
          IntStream.of(entries)
              .flatMap(e -> IntStream.of(positions).map(p -> e * length + p))
              .toArray();
    }
    return entries;
  }

  private static @Nullable Kept placed(int[] entries, Shape run, Kept into, int first) {
    Kept result = into;
    Kept own = Kept.all(run.dimension());
    int stride = Math.toIntExact(run.size());
    for (int d = 0; d < run.dimension(); d++) {
      int length = Math.toIntExact(run.get(d));
      stride /= length;
      int each = stride;
      int[] positions = IntStream.of(entries).map(e -> e / each % length).distinct().toArray();
      own = own.with(d, Kept.simplified(positions, length));
      result = result.with(first + d, own.axis(d));
    }
    return Arrays.equals(entries(run, own, 0), entries) ? result : null;
  }
}
