package com.example.lab;

import org.vpns.NetworkMode;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.ScoringSet;

/** |dL/dw w|: to first order, how much the loss would move if the weight were removed. */
final class Sensitivity implements Scorer {
  @Override
  public Scores score(ScoringContext context) {
    ScoringLoss loss = context.loss(ScoringSet.perClass(4)).mode(NetworkMode.EVAL);
    float[][] gradient = context.gradient(loss);
    float[][] weights = context.weights();
    return Scores.of(context.layout(), (i, j) -> Math.abs(gradient[i][j] * weights[i][j]));
  }

  @Override
  public String describe() {
    return "sensitivity";
  }
}
