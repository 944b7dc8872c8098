package com.example.shop;

import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;

/** |w| / mean |w| of its layer: what a weight is worth beside its neighbours. */
public final class RelativeMagnitude implements Scorer {
  @Override
  public Scores score(ScoringContext context) {
    float[] scores = new float[context.layout().size()];
    int at = 0;
    for (int tensor = 0; tensor < context.layout().tensors(); tensor++) {
      float[] weights = context.weights(tensor);
      double sum = 0;
      for (float weight : weights) {
        sum += Math.abs(weight);
      }
      for (float weight : weights) {
        scores[at++] = sum == 0 ? 0 : (float) (Math.abs(weight) * weights.length / sum);
      }
    }
    return Scores.of(context.layout(), scores);
  }

  @Override
  public String describe() {
    return "relative magnitude";
  }
}
