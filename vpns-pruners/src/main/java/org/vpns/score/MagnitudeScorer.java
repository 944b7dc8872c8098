package org.vpns.score;

import org.vpns.Layout;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;

/**
 * {@code score = |w|}: a weight near zero matters least (Han, Pool, Tran and Dally 2015, "Learning
 * both weights and connections for efficient neural networks"). Needs no data.
 */
final class MagnitudeScorer implements Scorer {
  MagnitudeScorer() {}

  @Override
  public Scores score(ScoringContext context) {
    Layout layout = context.layout();
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      float[] weights = context.weights(i);
      int offset = layout.offset(i);
      for (int j = 0; j < weights.length; j++) {
        values[offset + j] = Math.abs(weights[j]);
      }
    }
    return Scores.of(layout, values);
  }

  @Override
  public String describe() {
    return "magnitude";
  }
}
