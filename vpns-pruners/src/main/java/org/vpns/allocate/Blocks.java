package org.vpns.allocate;

import ai.djl.ndarray.types.Shape;
import com.google.common.math.IntMath;
import java.math.RoundingMode;
import java.util.Arrays;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;

/**
 * The blocks of all parameters, numbered in flat order of their first entries, with the sums and
 * numbers of their surviving scores.
 */
final class Blocks {
  private final MaskSet survivors;
  private final Layout layout;
  private final Grid[] grids;
  private final double[] sums;
  private final int[] sizes;

  Blocks(Scores scores, MaskSet survivors, int outs, int ins) {
    survivors.requireFits(scores.layout());
    scores.requireNumbers();
    this.survivors = survivors;
    this.layout = scores.layout();
    grids = new Grid[layout.tensors()];
    int count = 0;
    for (int i = 0; i < grids.length; i++) {
      grids[i] = Grid.of(layout.shape(i), outs, ins, count);
      count += grids[i].blocks();
    }
    sums = new double[count];
    sizes = new int[count];
    for (int i = 0; i < grids.length; i++) {
      Mask mask = survivors.get(layout.path(i));
      for (int j = 0; j < mask.size(); j++) {
        if (mask.isKept(j)) {
          int block = grids[i].blockOf(j);
          sums[block] += finite(scores.get(layout.offset(i) + j));
          sizes[block]++;
        }
      }
    }
  }

  private static float finite(float score) {
    return Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, score));
  }

  int count() {
    return sizes.length;
  }

  /** Surviving weights of a block. */
  int size(int block) {
    return sizes[block];
  }

  /** Blocks with survivors, the largest mean (as a float) first, ties in order of their numbers. */
  int[] bestFirst() {
    long[] order = new long[count()];
    int end = 0;
    for (int block = 0; block < order.length; block++) {
      if (sizes[block] > 0) {
        // + 0 makes -0 to 0; after that, bits with the negatives' flipped order like the floats
        int bits = Float.floatToIntBits((float) (sums[block] / sizes[block]) + 0f);
        int key = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        order[end++] = (long) ~key << 32 | block;
      }
    }
    Arrays.sort(order, 0, end);
    return Arrays.stream(order, 0, end).mapToInt(entry -> (int) entry).toArray();
  }

  /** The survivors in the chosen blocks. */
  MaskSet masks(boolean[] chosen) {
    return MaskSet.of(
        layout,
        i -> {
          Mask mask = survivors.get(layout.path(i));
          return Mask.of(mask.shape(), j -> mask.isKept(j) && chosen[grids[i].blockOf(j)]);
        });
  }

  /**
   * How one parameter divides into blocks.
   *
   * @param first number of its first block
   * @param rows blocks along the outputs
   * @param columns blocks along the inputs
   */
  private record Grid(int first, int rows, int columns, int outs, int ins, int inputs, int kernel) {

    /** The first dimension counts outputs, the second inputs; a missing one is 1. */
    static Grid of(Shape shape, int outs, int ins, int first) {
      int outputs = shape.dimension() > 0 ? (int) shape.get(0) : 1;
      int inputs = shape.dimension() > 1 ? (int) shape.get(1) : 1;
      int kernel = shape.dimension() > 2 ? (int) shape.slice(2).size() : 1;
      int rows = IntMath.divide(outputs, outs, RoundingMode.CEILING);
      int columns = IntMath.divide(inputs, ins, RoundingMode.CEILING);
      return new Grid(first, rows, columns, outs, ins, inputs, kernel);
    }

    int blocks() {
      return rows * columns;
    }

    int blockOf(int entry) {
      int channel = entry / kernel;
      return first + channel / inputs / outs * columns + channel % inputs / ins;
    }
  }
}
