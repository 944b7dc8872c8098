package org.vpns.examples.bench;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.Layout;
import org.vpns.Scores;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/**
 * What the exact k-th largest of ResNet-18's 11,678,912 scores costs on one thread, and the masks
 * with it. Serves the question whether approximate thresholds are worth their defects.
 */
public final class SelectionCost {
  private SelectionCost() {}

  /** Prints the median of 31 repetitions. */
  public static void main(String[] args) {
    int size = 11_678_912;
    float[] values = new float[size];
    RandomGenerator random = new Seeds(7).stream("scores");
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Layout layout = Layout.of(Map.of("all", new Shape(size)));
    Scores scores = Scores.of(layout, values);
    TensorGroup group = new TensorGroup(List.of(0), Sparsity.of(0.9).keep(size));
    double[] cut = new double[31];
    double[] masks = new double[31];
    for (int i = -10; i < 31; i++) {
      long begin = System.nanoTime();
      Selection.cut(scores, group, Selection.Order.MAGNITUDE);
      long middle = System.nanoTime();
      Selection.largest(scores, List.of(group), Selection.Order.MAGNITUDE);
      long end = System.nanoTime();
      if (i >= 0) {
        cut[i] = (middle - begin) / 1e6;
        masks[i] = (end - middle) / 1e6;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "exact selection of %,d scores, one thread: threshold %.1f ms, threshold and masks %.1f ms%n",
        size,
        Interleaved.median(cut),
        Interleaved.median(masks));
  }
}
