package org.vpns.internal.curvature;

import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;

/**
 * An approximation: the difference of two ordinary gradients,
 *
 * <pre>
 * H v ~ |v| (g(theta + e d) - g(theta - e d)) / (2 e),  d = v / |v|
 * </pre>
 *
 * <p>ReLU gates that flip between the two points add curvature of the kinks, which does not vanish
 * with e; in training mode the error even grows as e shrinks. Hence the warning. A batch costs two
 * gradient steps.
 *
 * @param epsilon e
 */
public record PlainDifference(double epsilon) implements Curvature {
  @Override
  public double[][] times(
      ScoringContext context, ScoringLoss loss, float[][] weights, float[][] vector) {
    context.warn(
        "curvature by a plain difference: it does not converge to the exact one where ReLU gates"
            + " flip, and the masks differ");
    double norm = Vectors.norm(vector);
    float[][] plus = context.gradient(loss, Vectors.moved(weights, vector, epsilon / norm));
    float[][] minus = context.gradient(loss, Vectors.moved(weights, vector, -epsilon / norm));
    return Vectors.difference(plus, minus, norm / (2 * epsilon));
  }

  @Override
  public String describe() {
    return "plain difference " + epsilon;
  }
}
