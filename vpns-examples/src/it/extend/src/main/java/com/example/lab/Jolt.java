package com.example.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.vpns.MaskSet;
import org.vpns.NetworkMode;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringImages;
import org.vpns.ScoringNetwork;
import org.vpns.ScoringSet;
import org.vpns.score.RepeatedScorer;

/** |w| times how far the logits move when its whole parameter is taken away. */
final class Jolt implements RepeatedScorer {
  @Override
  public Session open(ScoringContext context) {
    ScoringImages images = context.images(ScoringSet.perClass(2));
    return masks -> scores(context, images, masks);
  }

  private static Scores scores(ScoringContext context, ScoringImages images, MaskSet masks) {
    float[][] weights = context.weights(masks);
    return Scores.of(
        context.layout(),
        removed -> {
          double jolt = jolt(context, images, weights, removed);
          float[] scores = new float[weights[removed].length];
          for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) (Math.abs(weights[removed][i]) * jolt);
          }
          return scores;
        });
  }

  private static double jolt(
      ScoringContext context, ScoringImages images, float[][] weights, int removed) {
    double[] sum = new double[1];
    try (ScoringNetwork whole = context.network(NetworkMode.EVAL, i -> weights[i]);
        ScoringNetwork without =
            context.network(
                NetworkMode.EVAL,
                i -> i == removed ? new float[weights[i].length] : weights[i])) {
      images.forEach(
          (input, labels) -> {
            try (NDManager scope = whole.manager().newSubManager()) {
              NDArray moved = whole.forward(input).sub(without.forward(input));
              moved.attach(scope);
              sum[0] += moved.square().sum().getFloat();
            }
          });
    }
    return Math.sqrt(sum[0]);
  }

  @Override
  public String describe() {
    return "jolt";
  }
}
