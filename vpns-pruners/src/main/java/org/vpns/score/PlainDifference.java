package org.vpns.score;

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
record PlainDifference(double epsilon) implements Curvature {
  @Override
  public double[][] times(MeanLoss loss, float[][] weights, float[][] vector) {
    loss.context()
        .warn(
            "curvature by a plain difference: it does not converge to the exact one where ReLU gates"
                + " flip, and the masks differ");
    double norm = Weights.norm(vector);
    float[][] plus = loss.gradient(Weights.moved(weights, vector, epsilon / norm));
    float[][] minus = loss.gradient(Weights.moved(weights, vector, -epsilon / norm));
    return difference(plus, minus, norm / (2 * epsilon));
  }

  /** {@code factor * (plus - minus)}. */
  static double[][] difference(float[][] plus, float[][] minus, double factor) {
    double[][] result = new double[plus.length][];
    for (int i = 0; i < result.length; i++) {
      result[i] = new double[plus[i].length];
      for (int j = 0; j < result[i].length; j++) {
        result[i][j] = factor * ((double) plus[i][j] - minus[i][j]);
      }
    }
    return result;
  }

  @Override
  public String describe() {
    return "plain difference " + epsilon;
  }
}
