package com.example;

import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringSet;

/** |dL/dw w|: to first order, how much the loss would move if the weight were removed. */
public final class Sensitivity implements Scorer {
  @Override
  public Scores score(ScoringContext context) {
    float[][] weights = context.weights();
    float[][] gradient = context.gradient(context.loss(ScoringSet.perClass(10)));
    return Scores.of(context.layout(), (i, j) -> Math.abs(gradient[i][j] * weights[i][j]));
  }

  @Override
  public String describe() {
    return "sensitivity";
  }
}
