package org.vpns;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Doubles as floats in the same order: equal doubles become equal floats, a larger double a larger
 * float. Each is the nearest float where that separates it from its neighbours; where several
 * doubles fall on one float, those above move up to the next free ones.
 */
final class Narrowing {
  /** Runs up to this length are sorted by insertion. */
  private static final int SHORT = 24;

  private static final int INFINITE = key(Float.POSITIVE_INFINITY);
  private static final int LARGEST = key(Float.MAX_VALUE);

  private Narrowing() {}

  /** The floats; NaN stays NaN. */
  static float[] of(double[] values) {
    float[] result = new float[values.length];
    // upper half: an integer that orders like the nearest float; lower half: the position
    long[] sorted = new long[values.length];
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        result[i] = Float.NaN;
      } else {
        sorted[count++] = pair(key(nearest(values[i])), i);
      }
    }
    Arrays.parallelSort(sorted, 0, count);
    for (int from = 0; from < count; ) {
      int to = from + 1;
      while (to < count && upper(sorted[to]) == upper(sorted[from])) {
        to++;
      }
      sort(sorted, from, to, values);
      from = to;
    }
    separateUpwards(sorted, count, values);
    pushBackBelowTheLargest(sorted, count, values);
    for (int i = 0; i < count; i++) {
      int key = upper(sorted[i]);
      result[(int) sorted[i]] = Float.intBitsToFloat(key >= 0 ? key : Integer.MIN_VALUE - key);
    }
    return result;
  }

  private static float nearest(double value) {
    if (Double.isInfinite(value)) {
      return (float) value;
    }
    return (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
  }

  /** Different numbers get different keys, each at least its own. */
  private static void separateUpwards(long[] sorted, int count, double[] values) {
    long last = Long.MIN_VALUE;
    int before = 0;
    for (int i = 0; i < count; i++) {
      int key = upper(sorted[i]);
      // the numbers are far apart in memory: they are looked at only where the keys are equal
      if (i == 0 || key != before || !tie(sorted, i, values)) {
        last = Math.max(key, last + 1);
      }
      before = key;
      // more than LARGEST is too much: it fits the int, and comes back down below
      sorted[i] = pair((int) Math.min(last, Integer.MAX_VALUE), (int) sorted[i]);
    }
  }

  /** What has moved beyond the largest float comes back below it, and pushes others. */
  private static void pushBackBelowTheLargest(long[] sorted, int count, double[] values) {
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
      sorted[i] = pair((int) above, (int) sorted[i]);
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
