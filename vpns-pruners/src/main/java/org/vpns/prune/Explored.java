package org.vpns.prune;

import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.optim.StateVisitor;

/**
 * Which weights a moving mask has ever kept. Their share of all weights is the exploration rate
 * R_s: it never falls, and is at least the density.
 */
final class Explored {
  private final Layout layout;
  private final long[][] ever;

  /** Begins with the first mask. */
  Explored(MaskSet first) {
    layout = first.layout();
    ever = new long[layout.tensors()][];
    for (int i = 0; i < ever.length; i++) {
      ever[i] = first.get(layout.path(i)).words();
    }
  }

  void add(MaskSet masks) {
    for (int i = 0; i < ever.length; i++) {
      Mask mask = masks.get(layout.path(i));
      for (int word = 0; word < ever[i].length; word++) {
        ever[i][word] |= mask.word(word);
      }
    }
  }

  /** R_s. */
  double rate() {
    long count = 0;
    for (long[] words : ever) {
      for (long word : words) {
        count += Long.bitCount(word);
      }
    }
    return (double) count / layout.size();
  }

  void visit(StateVisitor visitor) {
    for (int i = 0; i < ever.length; i++) {
      visitor.counters(layout.path(i) + "/explored", ever[i]);
    }
  }
}
