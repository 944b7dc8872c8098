package org.vpns.score;

import java.util.random.RandomGenerator;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;

/**
 * {@code score = u}, uniform on [0, 1), whatever the weights are: the baseline that every method
 * has to beat. The numbers of a parameter are drawn in row-major order from its own stream, {@code
 * random-mask/} and its path, so they do not depend on the other parameters.
 */
final class RandomScorer implements Scorer {
  RandomScorer() {}

  @Override
  public Scores score(ScoringContext context) {
    Problem.given(context, "Scorer.score", "context");
    Layout layout = context.layout();
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      RandomGenerator random = context.random("random-mask/" + layout.path(i));
      int end = layout.offset(i + 1);
      for (int j = layout.offset(i); j < end; j++) {
        values[j] = random.nextFloat();
      }
    }
    return Scores.of(layout, values);
  }

  @Override
  public String describe() {
    return "random";
  }

  @Override
  public String toString() {
    return describe();
  }
}
