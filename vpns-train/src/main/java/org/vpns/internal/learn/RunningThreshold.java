package org.vpns.internal.learn;

import java.util.Arrays;
import java.util.List;
import org.vpns.Layout;
import org.vpns.Scores;
import org.vpns.internal.network.HostFloats;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/**
 * Exact selection inside a running pass. From one step to the next the threshold moves little and
 * steadily, so each group keeps a window of score magnitudes around where it is expected: during
 * the pass entries above the window are kept, entries below are removed, and the few inside are
 * noted; afterwards the noted ones are sorted (larger magnitude first, then lower position) and
 * fill the remaining budget. If the threshold has left the window, the group is selected anew from
 * all its scores. Either way the result is that of {@link Selection}, bit for bit.
 */
final class RunningThreshold {
  private static final int BLOCK = 128;
  private static final int FIRST_HALF_WIDTH = 1 << 14;
  private static final int WIDEST = 1 << 26;
  private static final int INFINITY_BITS = 0x7f800000;

  private final Layout layout;
  private final List<TensorGroup> groups;
  private final int[] groupOf;
  private final int[] low;
  private final int[] high;
  private final int[] halfWidth;

  /** Thresholds of the step before, -1 = none yet, and those expected next. */
  private final int[] last;

  private final int[] expected;
  private final long[] sizes;
  private final Notes[][] notes;
  private int misses;

  /** What one worker found for one group. */
  private static final class Notes {
    long above;
    long[] inside = new long[256];
    int count;

    void add(int magnitude, int position) {
      if (count == inside.length) {
        inside = Arrays.copyOf(inside, 2 * count);
      }
      // Sorts by falling magnitude, then by rising position.
      inside[count++] = (long) ~magnitude << 32 | position;
    }
  }

  RunningThreshold(Layout layout, List<TensorGroup> groups, ThreadTeam team) {
    this.layout = layout;
    this.groups = groups;
    groupOf = new int[layout.tensors()];
    sizes = new long[groups.size()];
    for (int g = 0; g < groups.size(); g++) {
      for (int tensor : groups.get(g).tensors()) {
        groupOf[tensor] = g;
        sizes[g] += layout.size(tensor);
      }
    }
    low = new int[groups.size()];
    high = new int[groups.size()];
    halfWidth = new int[groups.size()];
    last = new int[groups.size()];
    Arrays.fill(last, -1);
    expected = new int[groups.size()];
    Arrays.fill(halfWidth, FIRST_HALF_WIDTH);
    // An empty window: the first step selects anew.
    Arrays.fill(low, INFINITY_BITS + 1);
    Arrays.fill(high, INFINITY_BITS + 1);
    notes = new Notes[team.threads()][groups.size()];
    for (Notes[] row : notes) {
      for (int g = 0; g < row.length; g++) {
        row[g] = new Notes();
      }
    }
  }

  List<TensorGroup> groups() {
    return groups;
  }

  /** How often a threshold was found outside its window, the first step included. */
  int misses() {
    return misses;
  }

  void begin() {
    for (Notes[] row : notes) {
      for (Notes note : row) {
        note.above = 0;
        note.count = 0;
      }
    }
  }

  /**
   * Sorts one piece's entries by its group's window.
   *
   * @param magnitudes bits of |c|
   * @param out in: bits of theta; out: bits of w, zero for entries inside the window
   */
  void sweep(int worker, Scratch.Piece piece, int[] magnitudes, int[] out) {
    if (groups.isEmpty()) {
      return;
    }
    int g = groupOf[piece.tensor()];
    Notes note = notes[worker][g];
    int n = piece.length();
    int belowHigh = high[g] - 1;
    int belowLow = low[g] - 1;
    for (int i = 0; i < n; i++) {
      out[i] &= (belowHigh - magnitudes[i]) >> 31;
    }
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int above = 0;
      int notBelow = 0;
      for (int i = from; i < to; i++) {
        above += (belowHigh - magnitudes[i]) >>> 31;
      }
      for (int i = from; i < to; i++) {
        notBelow += (belowLow - magnitudes[i]) >>> 31;
      }
      note.above += above;
      if (notBelow != above) {
        for (int i = from; i < to; i++) {
          if (magnitudes[i] > belowLow && magnitudes[i] <= belowHigh) {
            note.add(magnitudes[i], piece.flat() + i);
          }
        }
      }
    }
  }

  /** Fills each group's budget. */
  void finish(HostFloats scores, HostFloats theta, Tensors tensors) {
    for (int g = 0; g < groups.size(); g++) {
      long above = 0;
      int count = 0;
      for (Notes[] row : notes) {
        above += row[g].above;
        count += row[g].count;
      }
      long missing = groups.get(g).keep() - above;
      if (missing < 0 || missing > count) {
        selectAnew(g, scores, theta, tensors);
      } else {
        fill(g, count, (int) missing, theta, tensors);
      }
    }
  }

  private void fill(int g, int count, int missing, HostFloats theta, Tensors tensors) {
    long[] inside = new long[count];
    int at = 0;
    for (Notes[] row : notes) {
      System.arraycopy(row[g].inside, 0, inside, at, row[g].count);
      at += row[g].count;
    }
    Arrays.sort(inside);
    for (int i = 0; i < missing; i++) {
      int position = (int) inside[i];
      int tensor = tensorAt(position);
      tensors
          .weight(tensor)
          .bits()
          .put(position - layout.offset(tensor), theta.bits().get(position));
    }
    int threshold = missing == 0 ? high[g] : ~(int) (inside[missing - 1] >> 32);
    long enough = Math.max(64, sizes[g] / 8000);
    long plenty = Math.max(512, sizes[g] / 2000);
    if (count < enough || 4L * Math.abs(threshold - expected[g]) > halfWidth[g]) {
      halfWidth[g] = Math.min(WIDEST, halfWidth[g] * 2);
    } else if (count > plenty) {
      halfWidth[g] = Math.max(16, halfWidth[g] / 2);
    }
    place(g, threshold);
  }

  private void selectAnew(int g, HostFloats scores, HostFloats theta, Tensors tensors) {
    misses++;
    Scores all = Scores.of(layout, scores.toArray());
    Selection.Cut cut = Selection.cut(all, groups.get(g), Selection.Order.MAGNITUDE);
    long ties = cut.ties();
    for (int tensor : groups.get(g).tensors()) {
      int offset = layout.offset(tensor);
      for (int i = 0; i < layout.size(tensor); i++) {
        int magnitude = scores.bits().get(offset + i) & Integer.MAX_VALUE;
        boolean kept = magnitude > cut.key() || magnitude == cut.key() && ties-- > 0;
        tensors.weight(tensor).bits().put(i, kept ? theta.bits().get(offset + i) : 0);
      }
    }
    if (last[g] >= 0) {
      halfWidth[g] = Math.min(WIDEST, halfWidth[g] * 4);
    }
    place(g, cut.key());
  }

  /** Expects the threshold to move on as it has moved. */
  private void place(int g, int threshold) {
    int reached = Math.min(INFINITY_BITS + 1, threshold);
    int drift = last[g] < 0 ? 0 : reached - last[g];
    last[g] = reached;
    expected[g] = Math.max(0, Math.min(INFINITY_BITS + 1, reached + drift));
    low[g] = Math.max(0, expected[g] - halfWidth[g]);
    high[g] = Math.min(INFINITY_BITS + 1, expected[g] + halfWidth[g]);
  }

  private int tensorAt(int position) {
    int lowTensor = 0;
    int highTensor = layout.tensors() - 1;
    while (lowTensor < highTensor) {
      int middle = (lowTensor + highTensor + 1) >>> 1;
      if (layout.offset(middle) <= position) {
        lowTensor = middle;
      } else {
        highTensor = middle - 1;
      }
    }
    return lowTensor;
  }
}
