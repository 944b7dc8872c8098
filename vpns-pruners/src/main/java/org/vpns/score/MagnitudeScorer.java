package org.vpns.score;

import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;

/**
 * {@code score = |w|}: a weight near zero matters least (Han, Pool, Tran and Dally 2015, "Learning
 * both weights and connections for efficient neural networks"). Needs no data.
 */
final class MagnitudeScorer implements Scorer {
  @Override
  public Scores score(ScoringContext context) {
    Problem.given(context, "Scorer.score", "context");
    return Scores.of(
        context.layout(),
        tensor -> {
          float[] weights = context.weights(tensor);
          for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.abs(weights[i]);
          }
          return weights;
        });
  }

  @Override
  public String describe() {
    return "magnitude";
  }

  @Override
  public String toString() {
    return describe();
  }
}
