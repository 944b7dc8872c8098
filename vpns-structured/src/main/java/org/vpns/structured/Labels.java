package org.vpns.structured;

import java.util.Arrays;

/** Numbers for positions of axes, united where positions must leave together. */
final class Labels {
  /** In an array of labels: a position that never leaves. */
  static final int STAYS = -1;

  private int[] up = new int[1024];
  private int count;

  /** So many new labels. */
  int[] fresh(int length) {
    int[] labels = new int[length];
    if (count + length > up.length) {
      up = Arrays.copyOf(up, Math.max(2 * up.length, count + length));
    }
    for (int i = 0; i < length; i++) {
      labels[i] = count;
      up[count] = count++;
    }
    return labels;
  }

  /** The least label that a label is united with; what stays is itself. */
  int find(int label) {
    int at = label;
    while (at != STAYS && up[at] != at) {
      up[at] = up[up[at]];
      at = up[at];
    }
    return at;
  }

  void unite(int a, int b) {
    int first = find(a);
    int second = find(b);
    up[Math.max(first, second)] = Math.min(first, second);
  }

  /** Number of labels. */
  int count() {
    return count;
  }
}
