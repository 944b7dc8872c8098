package org.vpns.select;

import java.util.Arrays;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.Scores;
import org.vpns.select.Selection.Order;

/**
 * The k-th largest of a group of doubles, exactly: counted by the upper 16 bits of order-preserving
 * integer keys, those of the cut's bucket by the next 16 bits, and what is left of both is sorted.
 */
final class DoubleSelection {
  private static final int BUCKETS = 1 << 16;

  private final double[] scores;
  private final Layout layout;
  private final TensorGroup group;
  private final Order order;
  private final int[] upper = new int[BUCKETS];

  /**
   * Where a group's survivors end.
   *
   * @param score larger ones are kept
   * @param ties of the scores equal to it the first so many are kept
   */
  record Cut(double score, long ties) {}

  private DoubleSelection(double[] scores, Layout layout, TensorGroup group, Order order) {
    this.scores = scores;
    this.layout = layout;
    this.group = group;
    this.order = order;
  }

  /**
   * The cut of one group, whose budget has been checked.
   *
   * @throws IllegalArgumentException if a score is NaN
   */
  static Cut cut(Scores all, double[] scores, TensorGroup group, Order order) {
    DoubleSelection selection = new DoubleSelection(scores, all.layout(), group, order);
    selection.countUpper();
    selection.requireNumbers(all);
    return selection.cut();
  }

  /** Sets the masks of a group's tensors; errors as {@link #cut}. */
  static void keep(Scores all, double[] scores, TensorGroup group, Order order, Mask[] masks) {
    Cut cut = cut(all, scores, group, order);
    long ties = cut.ties();
    for (int tensor : group.tensors()) {
      int offset = all.layout().offset(tensor);
      int size = all.layout().size(tensor);
      long[] words = new long[(size + 63) >>> 6];
      for (int word = 0; word < words.length; word++) {
        int from = offset + (word << 6);
        int count = Math.min(64, offset + size - from);
        long kept = 0;
        long equal = 0;
        for (int i = 0; i < count; i++) {
          double score = ranked(scores[from + i], order);
          kept |= (score > cut.score() ? 1L : 0L) << i;
          equal |= (score == cut.score() ? 1L : 0L) << i;
        }
        for (; equal != 0 && ties > 0; ties--) {
          kept |= Long.lowestOneBit(equal);
          equal &= equal - 1;
        }
        words[word] = kept;
      }
      masks[tensor] = Mask.ofWords(all.layout().shape(tensor), words);
    }
  }

  /** The score that is compared; both zeros are 0.0. */
  static double ranked(double score, Order order) {
    return order == Order.MAGNITUDE ? Math.abs(score) : score + 0.0;
  }

  private static long key(double ranked) {
    long bits = Double.doubleToRawLongBits(ranked);
    // negative numbers come first, the larger magnitude before the smaller
    return bits ^ (bits >> 63 | Long.MIN_VALUE);
  }

  private static int bucket(double ranked) {
    return (int) (key(ranked) >>> 48);
  }

  private void countUpper() {
    for (int tensor : group.tensors()) {
      int end = layout.offset(tensor + 1);
      for (int i = layout.offset(tensor); i < end; i++) {
        upper[bucket(ranked(scores[i], order))]++;
      }
    }
  }

  /** NaN lies beyond the infinities: only if something was counted there, look for it. */
  private void requireNumbers(Scores all) {
    int extreme = 0;
    for (int i = bucket(Double.POSITIVE_INFINITY); i < BUCKETS; i++) {
      extreme += upper[i];
    }
    for (int i = 0; i <= bucket(Double.NEGATIVE_INFINITY); i++) {
      extreme += upper[i];
    }
    if (extreme > 0) {
      group.tensors().forEach(all::requireNumbers);
    }
  }

  private Cut cut() {
    if (group.keep() == 0) {
      return new Cut(Double.POSITIVE_INFINITY, 0);
    }
    long above = 0;
    int high = BUCKETS;
    while (above + upper[high - 1] < group.keep()) {
      above += upper[--high];
    }
    double[] bucket = members(high - 1, upper[high - 1]);
    int[] lower = new int[BUCKETS];
    for (double score : bucket) {
      lower[next(score)]++;
    }
    int low = BUCKETS;
    while (above + lower[low - 1] < group.keep()) {
      above += lower[--low];
    }
    int last = low - 1;
    double[] left = new double[lower[last]];
    int count = 0;
    for (double score : bucket) {
      if (next(score) == last) {
        left[count++] = score;
      }
    }
    Arrays.sort(left);
    int at = left.length - Math.toIntExact(group.keep() - above);
    int end = at + 1;
    while (end < left.length && left[end] == left[at]) {
      end++;
    }
    return new Cut(left[at], end - at);
  }

  /** The bits after the upper ones. */
  private static int next(double ranked) {
    return (int) (key(ranked) >>> 32) & BUCKETS - 1;
  }

  private double[] members(int high, int size) {
    double[] members = new double[size];
    int count = 0;
    for (int tensor : group.tensors()) {
      int end = layout.offset(tensor + 1);
      for (int i = layout.offset(tensor); i < end; i++) {
        double score = ranked(scores[i], order);
        if (bucket(score) == high) {
          members[count++] = score;
        }
      }
    }
    return members;
  }
}
