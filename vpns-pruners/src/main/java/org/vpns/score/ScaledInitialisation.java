package org.vpns.score;

import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;

/**
 * Where learned scores start (Sehwag, Wang, Mittal and Jana 2020, "HYDRA: pruning adversarially
 * robust neural networks"):
 *
 * <pre>
 * c = sqrt(6 / fan_in) * w / max|w|
 * </pre>
 *
 * per parameter, with fan_in = the product of all dimensions but the first; a parameter of zeros
 * starts at zeros.
 *
 * <p>The scores bear the sign of their weights and are ranked by magnitude: select with {@link
 * org.vpns.select.Selection.Order#MAGNITUDE}. Each parameter is scaled by its own maximum and fan
 * in, so the ranking is not that of {@link MagnitudeScorer}.
 */
final class ScaledInitialisation implements Scorer {
  ScaledInitialisation() {}

  @Override
  public Scores score(ScoringContext context) {
    Problem.given(context, "Scorer.score", "context");
    Layout layout = context.layout();
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      float[] weights = context.weights(i);
      float top = 0;
      for (float weight : weights) {
        // A NaN is not the maximum: its own score stays NaN, and selection names its index.
        top = Math.abs(weight) > top ? Math.abs(weight) : top;
      }
      if (top == 0) {
        continue;
      }
      double bound = Math.sqrt(6.0 / layout.fanIn(i));
      int offset = layout.offset(i);
      for (int j = 0; j < weights.length; j++) {
        values[offset + j] = (float) (bound * weights[j] / top);
      }
    }
    return Scores.of(layout, values);
  }

  @Override
  public String describe() {
    return "scaled initialisation";
  }

  @Override
  public String toString() {
    return describe();
  }
}
