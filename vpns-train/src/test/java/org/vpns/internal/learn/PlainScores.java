package org.vpns.internal.learn;

import java.util.List;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.optim.UpdateRule;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.Selection;

/**
 * Score learning as the formulas say it, one array after the other: what the fused pass must do.
 */
final class PlainScores {
  final float[] scores;
  final float[] theta;
  final float[][] slots;
  private final Layout layout;
  private final Allocation allocation;
  private final Sparsity sparsity;
  private final UpdateRule rule;
  private long updates;

  PlainScores(
      Layout layout,
      float[] start,
      float[] theta,
      Allocation allocation,
      Sparsity sparsity,
      UpdateRule rule) {
    this.layout = layout;
    this.scores = start.clone();
    this.theta = theta;
    this.allocation = allocation;
    this.sparsity = sparsity;
    this.rule = rule;
    slots = new float[rule.slots().size()][start.length];
  }

  void step(float[] gradient, double rate) {
    float[] g = new float[gradient.length];
    for (int i = 0; i < g.length; i++) {
      g[i] = gradient[i] * theta[i] * Math.signum(scores[i]);
    }
    rule.update(scores, g, slots, 0, g.length, rate, ++updates);
  }

  MaskSet masks() {
    if (allocation instanceof GroupedAllocation grouped) {
      return Selection.largest(
          Scores.of(layout, scores), grouped.groups(layout, sparsity), Selection.Order.MAGNITUDE);
    }
    float[] magnitudes = new float[scores.length];
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(scores[i]);
    }
    return allocation.allocate(Scores.of(layout, magnitudes), sparsity);
  }

  /** Bits of m * theta, removed ones 0. */
  int[] bits() {
    MaskSet masks = masks();
    int[] bits = new int[theta.length];
    List<String> paths = layout.paths();
    for (int t = 0; t < paths.size(); t++) {
      for (int i = 0; i < layout.size(t); i++) {
        int at = layout.offset(t) + i;
        bits[at] = masks.get(paths.get(t)).isKept(i) ? Float.floatToRawIntBits(theta[at]) : 0;
      }
    }
    return bits;
  }
}
