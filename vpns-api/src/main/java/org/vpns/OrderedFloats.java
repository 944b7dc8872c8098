package org.vpns;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Doubles as floats in the same order: equal doubles become equal floats, a larger double a larger
 * float. Each is the nearest float where that separates it from its neighbours; where several
 * doubles fall on one float, those above move up to the next free ones.
 */
final class OrderedFloats {
  /** Runs up to this length are sorted by insertion. */
  private static final int SHORT = 24;

  /** Bits moved at a time: counters of a digit stay in the first-level cache. */
  private static final int DIGIT = 11;

  private static final int INFINITE = key(Float.POSITIVE_INFINITY);
  private static final int LARGEST = key(Float.MAX_VALUE);

  private OrderedFloats() {}

  /** The floats; NaN stays NaN. */
  static float[] of(double[] values) {
    float[] result = new float[values.length];
    // upper half: an integer that orders like the nearest float; lower half: the position
    long[] pairs = new long[values.length];
    int count = 0;
    int zero = -1; // of the zeros, which may be most of all, one stands for the others
    for (int i = 0; i < values.length; i++) {
      if (values[i] == 0 && zero >= 0) {
        continue;
      }
      zero = values[i] == 0 ? i : zero;
      result[i] = nearest(values[i]);
      if (!Float.isNaN(result[i])) {
        pairs[count++] = pair(key(result[i]), i);
      }
    }
    long[] sorted = sortByKey(pairs, count);
    for (int from = 0; from < count; ) {
      int to = from + 1;
      while (to < count && upper(sorted[to]) == upper(sorted[from])) {
        to++;
      }
      sort(sorted, from, to, values);
      from = to;
    }
    separateUpwards(sorted, count, values, result);
    pushBackBelowTheLargest(sorted, count, values, result);
    for (int i = 0; zero >= 0 && i < values.length; i++) {
      if (values[i] == 0) {
        result[i] = result[zero];
      }
    }
    return result;
  }

  /**
   * The pairs in the order of their keys, then of their positions: counted and moved digit by
   * digit, the lowest first, several times faster than by comparison.
   */
  private static long[] sortByKey(long[] pairs, int count) {
    long[] from = pairs;
    long[] to = new long[count];
    for (int shift = 0; shift < Integer.SIZE; shift += DIGIT) {
      int[] ends = new int[(1 << DIGIT) + 1];
      for (int i = 0; i < count; i++) {
        ends[digit(from[i], shift) + 1]++;
      }
      for (int d = 1; d < ends.length; d++) {
        ends[d] += ends[d - 1];
      }
      for (int i = 0; i < count; i++) {
        to[ends[digit(from[i], shift)]++] = from[i];
      }
      long[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  /** Some bits of the key, of which the sign is turned so that negative ones come first. */
  private static int digit(long pair, int shift) {
    return (upper(pair) ^ Integer.MIN_VALUE) >>> shift & (1 << DIGIT) - 1;
  }

  /** Only infinities become infinite; NaN stays NaN. */
  private static float nearest(double value) {
    float near = (float) value;
    return Float.isInfinite(near) && !Double.isInfinite(value)
        ? Math.copySign(Float.MAX_VALUE, near)
        : near;
  }

  /** Different numbers get different keys, each at least its own; most keep theirs. */
  private static void separateUpwards(long[] sorted, int count, double[] values, float[] result) {
    long last = Long.MIN_VALUE;
    int before = 0;
    for (int i = 0; i < count; i++) {
      int key = upper(sorted[i]);
      // the numbers are far apart in memory: they are looked at only where the keys are equal
      if (i == 0 || key != before || !tie(sorted, i, values)) {
        last = Math.max(key, last + 1);
      }
      before = key;
      if (last != key) {
        // more than LARGEST is too much: it fits the int, and comes back down below
        move(sorted, i, (int) Math.min(last, Integer.MAX_VALUE), result);
      }
    }
  }

  private static void move(long[] sorted, int i, int key, float[] result) {
    int position = (int) sorted[i];
    sorted[i] = pair(key, position);
    result[position] = Float.intBitsToFloat(key >= 0 ? key : Integer.MIN_VALUE - key);
  }

  /** What has moved beyond the largest float comes back below it, and pushes others. */
  private static void pushBackBelowTheLargest(
      long[] sorted, int count, double[] values, float[] result) {
    long above = (long) INFINITE + 1;
    for (int i = count - 1; i >= 0; i--) {
      boolean tie = i < count - 1 && tie(sorted, i + 1, values);
      long limit = tie ? above : above - 1;
      if (values[(int) sorted[i]] < Double.POSITIVE_INFINITY) {
        limit = Math.min(limit, LARGEST);
      }
      if (upper(sorted[i]) <= limit && !tie) {
        return;
      }
      above = Math.min(upper(sorted[i]), limit);
      move(sorted, i, (int) above, result);
    }
  }

  private static boolean tie(long[] sorted, int i, double[] values) {
    return values[(int) sorted[i]] == values[(int) sorted[i - 1]];
  }

  /** Sorts positions of one nearest float by their doubles, then by position. */
  private static void sort(long[] sorted, int from, int to, double[] values) {
    if (isSorted(sorted, from, to, values)) {
      return;
    }
    if (to - from > SHORT) {
      Long[] run = Arrays.stream(sorted, from, to).boxed().toArray(Long[]::new);
      Arrays.sort(run, Comparator.comparingDouble(pair -> values[pair.intValue()] + 0.0));
      for (int i = from; i < to; i++) {
        sorted[i] = run[i - from];
      }
      return;
    }
    for (int i = from + 1; i < to; i++) {
      long moved = sorted[i];
      int j = i;
      while (j > from && values[(int) sorted[j - 1]] > values[(int) moved]) {
        sorted[j] = sorted[j - 1];
        j--;
      }
      sorted[j] = moved;
    }
  }

  private static boolean isSorted(long[] sorted, int from, int to, double[] values) {
    for (int i = from + 1; i < to; i++) {
      if (values[(int) sorted[i - 1]] > values[(int) sorted[i]]) {
        return false;
      }
    }
    return true;
  }

  private static long pair(int key, int position) {
    return (long) key << 32 | position;
  }

  private static int upper(long pair) {
    return (int) (pair >> 32);
  }

  /** An integer that orders like the float; both zeros are 0. */
  private static int key(float value) {
    int bits = Float.floatToRawIntBits(value + 0.0f);
    return bits >= 0 ? bits : Integer.MIN_VALUE - bits;
  }
}
