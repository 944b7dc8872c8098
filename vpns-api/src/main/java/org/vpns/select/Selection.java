package org.vpns.select;

import java.util.Arrays;
import java.util.List;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;

/**
 * Exact selection of the largest scores: larger first, then lower flat position. -0.0 equals 0.0,
 * infinities take part, NaN is refused by name.
 *
 * <p>The k-th largest is found by counting order-preserving integer keys: all by their upper 16
 * bits, and those of the cut's bucket, which a sample foretells, by their lower 16 bits; so the
 * cost is linear and no score is moved. Scores made of doubles are compared as doubles.
 */
public final class Selection {
  /** What is compared. */
  public enum Order {
    /** The score itself. */
    VALUE,
    /** Its absolute value. */
    MAGNITUDE
  }

  private static final int INFINITY_BITS = 0x7f800000;

  /** One score in so many is in the sample. */
  private static final int SAMPLE = 64;

  private Selection() {}

  /**
   * Keeps the {@code keep} largest scores of each group.
   *
   * @throws IllegalArgumentException if a score is NaN, a group is to keep more than it has, or a
   *     tensor is in no group or in two
   */
  public static MaskSet largest(Scores scores, List<TensorGroup> groups, Order order) {
    Problem.given(scores, "Selection.largest", "scores");
    Problem.givenEach(groups, "Selection.largest", "groups");
    Problem.given(order, "Selection.largest", "order");
    Layout layout = scores.layout();
    requirePartition(layout, groups);
    Mask[] masks = new Mask[layout.tensors()];
    double[] doubles = scores.doubles();
    for (TensorGroup group : groups) {
      if (doubles != null) {
        requireBudget(layout, group);
        DoubleSelection.keep(scores, doubles, group, order, masks);
        continue;
      }
      Cut cut = cut(scores, group, order);
      int signs = signs(order);
      long ties = cut.ties();
      for (int tensor : group.tensors()) {
        int offset = layout.offset(tensor);
        int size = layout.size(tensor);
        long[] words = new long[(size + 63) >>> 6];
        for (int i = 0; i < size; i++) {
          int key = key(Float.floatToRawIntBits(scores.get(offset + i)), signs);
          if (key > cut.key() || (key == cut.key() && ties-- > 0)) {
            words[i >>> 6] |= 1L << i;
          }
        }
        masks[tensor] = Mask.ofWords(layout.shape(tensor), words);
      }
    }
    return MaskSet.of(layout, i -> masks[i]);
  }

  private static void requirePartition(Layout layout, List<TensorGroup> groups) {
    int[] uses = new int[layout.tensors()];
    for (TensorGroup group : groups) {
      for (int tensor : group.tensors()) {
        if (tensor < 0 || tensor >= uses.length) {
          throw Problem.argument(
              "no such prunable parameter",
              "Selection",
              "0 to " + (uses.length - 1),
              tensor,
              "make the groups from the layout of the scores");
        }
        uses[tensor]++;
      }
    }
    for (int i = 0; i < uses.length; i++) {
      if (uses[i] != 1) {
        throw Problem.argument(
            "groups do not divide the parameters",
            layout.path(i),
            "it in exactly 1 group",
            uses[i],
            "put every parameter into one group");
      }
    }
  }

  /**
   * Where a group's survivors end, in order-preserving keys; in magnitude order the key is the bits
   * of the absolute value.
   *
   * @param key keys above are kept
   * @param ties of the keys equal to it the first so many are kept
   */
  public record Cut(int key, long ties) {}

  private static void requireBudget(Layout layout, TensorGroup group) {
    long size = group.tensors().stream().mapToLong(layout::size).sum();
    if (group.keep() > size || group.keep() < 0) {
      throw Problem.argument(
          "budget impossible",
          "Selection, " + group.tensors().size() + " parameters",
          "to keep 0 to " + size + " weights",
          group.keep(),
          "lower the density of these parameters");
    }
  }

  /** The cut of one group; errors as {@link #largest}. */
  public static Cut cut(Scores scores, TensorGroup group, Order order) {
    Problem.given(scores, "Selection.cut", "scores");
    Problem.given(group, "Selection.cut", "group");
    Problem.given(order, "Selection.cut", "order");
    requireBudget(scores.layout(), group);
    int[] upper = new int[1 << 16];
    int[] lower = new int[1 << 16];
    int guess = guess(scores, group, order);
    for (int tensor : group.tensors()) {
      count(scores, tensor, order, guess, upper, lower);
    }
    requireNumbers(scores, group, upper);
    if (group.keep() == 0) {
      return new Cut(Integer.MAX_VALUE, 0);
    }
    long above = 0;
    int bucket = upper.length;
    while (above + upper[bucket - 1] < group.keep()) {
      above += upper[--bucket];
    }
    bucket--;
    if (bucket != guess) {
      Arrays.fill(lower, 0);
      for (int tensor : group.tensors()) {
        count(scores, tensor, order, bucket, new int[1 << 16], lower);
      }
    }
    int low = lower.length;
    while (above + lower[low - 1] < group.keep()) {
      above += lower[--low];
    }
    low--;
    int key = (bucket << 16 | low) ^ Integer.MIN_VALUE;
    return new Cut(key, group.keep() - above);
  }

  /**
   * The upper half of the cut as a sample has it; if it is right, one pass over the scores does.
   */
  private static int guess(Scores scores, TensorGroup group, Order order) {
    int[] counts = new int[1 << 16];
    long sampled = 0;
    long size = 0;
    for (int tensor : group.tensors()) {
      sampled += sample(scores, tensor, order, counts);
      size += scores.layout().size(tensor);
    }
    long rank = Math.max(1, Math.round((double) group.keep() * sampled / Math.max(1, size)));
    int bucket = counts.length;
    while (bucket > 0 && rank > 0) {
      rank -= counts[--bucket];
    }
    return bucket;
  }

  /** Counts one score in {@value #SAMPLE} by the upper 16 bits of its key. */
  private static int sample(Scores scores, int tensor, Order order, int[] upper) {
    int begin = scores.layout().offset(tensor);
    int end = begin + scores.layout().size(tensor);
    int signs = signs(order);
    int taken = 0;
    for (int i = begin; i < end; i += SAMPLE) {
      int key = key(Float.floatToRawIntBits(scores.get(i)), signs) ^ Integer.MIN_VALUE;
      upper[key >>> 16]++;
      taken++;
    }
    return taken;
  }

  /** Counts scores by the upper 16 bits of their keys, those of one bucket by the lower 16 too. */
  private static void count(
      Scores scores, int tensor, Order order, int bucket, int[] upper, int[] lower) {
    int begin = scores.layout().offset(tensor);
    int end = begin + scores.layout().size(tensor);
    if (order == Order.MAGNITUDE) {
      countMagnitudes(scores.values(), begin, end, bucket, upper, lower);
    } else {
      countValues(scores.values(), begin, end, bucket, upper, lower);
    }
  }

  private static void countValues(
      float[] values, int begin, int end, int bucket, int[] upper, int[] lower) {
    for (int i = begin; i < end; i++) {
      int key = key(Float.floatToRawIntBits(values[i]), -1) ^ Integer.MIN_VALUE;
      int high = key >>> 16;
      upper[high]++;
      if (high == bucket) {
        lower[key & 0xffff]++;
      }
    }
  }

  /** As {@link #countValues}, without the work on signs: a fifth faster where it counts. */
  private static void countMagnitudes(
      float[] values, int begin, int end, int bucket, int[] upper, int[] lower) {
    for (int i = begin; i < end; i++) {
      int key = Float.floatToRawIntBits(values[i]) | Integer.MIN_VALUE;
      int high = key >>> 16;
      upper[high]++;
      if (high == bucket) {
        lower[key & 0xffff]++;
      }
    }
  }

  /** NaN lies beyond the infinities: only if something was counted there, look for it. */
  private static void requireNumbers(Scores scores, TensorGroup group, int[] upper) {
    int positive = (INFINITY_BITS ^ Integer.MIN_VALUE) >>> 16;
    int negative = (-INFINITY_BITS ^ Integer.MIN_VALUE) >>> 16;
    int extreme = 0;
    for (int i = positive; i < upper.length; i++) {
      extreme += upper[i];
    }
    for (int i = 0; i <= negative; i++) {
      extreme += upper[i];
    }
    if (extreme == 0) {
      return;
    }
    group.tensors().forEach(scores::requireNumbers);
  }

  /** Which bits of the sign count: all, or none. */
  private static int signs(Order order) {
    return order == Order.MAGNITUDE ? 0 : -1;
  }

  /**
   * An integer that orders like the float, both zeros alike: the magnitude's bits, negated without
   * a branch where the sign counts.
   */
  private static int key(int bits, int signs) {
    int negative = bits >> 31 & signs;
    return ((bits & Integer.MAX_VALUE) ^ negative) - negative;
  }
}
