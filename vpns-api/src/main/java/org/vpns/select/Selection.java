package org.vpns.select;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;

/**
 * Exact selection of the largest scores: larger first, then lower flat position. -0.0 equals 0.0,
 * infinities take part, NaN is refused by name.
 *
 * <p>The k-th largest is found in two counting passes over order-preserving integer keys (the upper
 * 16 bits, then the lower 16 bits of one bucket), so the cost is linear and no score is moved.
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

  private Selection() {}

  /**
   * Keeps the {@code keep} largest scores of each group.
   *
   * @throws IllegalArgumentException if a score is NaN, a group is to keep more than it has, or a
   *     tensor is in no group or in two
   */
  public static MaskSet largest(Scores scores, List<TensorGroup> groups, Order order) {
    Layout layout = scores.layout();
    requirePartition(layout, groups);
    Mask[] masks = new Mask[layout.tensors()];
    for (TensorGroup group : groups) {
      Cut cut = cut(scores, group, order);
      long ties = cut.ties();
      for (int tensor : group.tensors()) {
        int offset = layout.offset(tensor);
        int size = layout.size(tensor);
        long[] words = new long[(size + 63) >>> 6];
        for (int i = 0; i < size; i++) {
          int key = key(scores.get(offset + i), order);
          if (key > cut.key() || (key == cut.key() && ties-- > 0)) {
            words[i >>> 6] |= 1L << i;
          }
        }
        masks[tensor] = Mask.ofWords(layout.shape(tensor), words);
      }
    }
    Map<String, Mask> result = new LinkedHashMap<>();
    for (int i = 0; i < masks.length; i++) {
      result.put(layout.path(i), masks[i]);
    }
    return MaskSet.of(result);
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

  /** The cut of one group; errors as {@link #largest}. */
  public static Cut cut(Scores scores, TensorGroup group, Order order) {
    Layout layout = scores.layout();
    int[] upper = new int[1 << 16];
    long size = 0;
    for (int tensor : group.tensors()) {
      countUpper(scores, tensor, order, upper);
      size += layout.size(tensor);
    }
    if (group.keep() > size || group.keep() < 0) {
      throw Problem.argument(
          "budget impossible",
          "Selection, " + group.tensors().size() + " parameters",
          "to keep 0 to " + size + " weights",
          group.keep(),
          "lower the density of these parameters");
    }
    if (group.keep() == 0) {
      return new Cut(Integer.MAX_VALUE, 0);
    }
    long above = 0;
    int bucket = upper.length;
    while (above + upper[bucket - 1] < group.keep()) {
      above += upper[--bucket];
    }
    bucket--;
    int[] lower = new int[1 << 16];
    for (int tensor : group.tensors()) {
      countLower(scores, tensor, order, bucket, lower);
    }
    int low = lower.length;
    while (above + lower[low - 1] < group.keep()) {
      above += lower[--low];
    }
    low--;
    int key = (bucket << 16 | low) ^ Integer.MIN_VALUE;
    return new Cut(key, group.keep() - above);
  }

  private static void countUpper(Scores scores, int tensor, Order order, int[] counts) {
    Layout layout = scores.layout();
    float[] values = scores.values();
    int end = layout.offset(tensor) + layout.size(tensor);
    for (int i = layout.offset(tensor); i < end; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      if ((bits & Integer.MAX_VALUE) > INFINITY_BITS) {
        int index = i - layout.offset(tensor);
        throw Problem.argument(
            "score is not a number",
            layout.path(tensor) + "[" + index + "]",
            "a number",
            "NaN",
            "look for a zero division or an overflow in what made the scores");
      }
      counts[(key(bits, order) ^ Integer.MIN_VALUE) >>> 16]++;
    }
  }

  private static void countLower(Scores scores, int tensor, Order order, int bucket, int[] counts) {
    Layout layout = scores.layout();
    float[] values = scores.values();
    int end = layout.offset(tensor) + layout.size(tensor);
    for (int i = layout.offset(tensor); i < end; i++) {
      int key = key(values[i], order) ^ Integer.MIN_VALUE;
      if (key >>> 16 == bucket) {
        counts[key & 0xffff]++;
      }
    }
  }

  private static int key(float value, Order order) {
    return key(Float.floatToRawIntBits(value), order);
  }

  /** An integer that orders like the float: negative floats count downwards from 0. */
  private static int key(int bits, Order order) {
    int magnitude = bits & Integer.MAX_VALUE;
    return order == Order.MAGNITUDE || bits >= 0 ? magnitude : -magnitude;
  }
}
