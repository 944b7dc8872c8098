package org.vpns.internal.curvature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.ScoringNetwork;
import org.vpns.internal.network.GradientGate;

/**
 * Exact: H v is the gradient of the inner product of gradient and v, batch by batch. Kinks such as
 * ReLU's count as straight lines on either side. A batch costs a gradient step and a double
 * backward pass. On an engine that derives no gradients this falls back to frozen gates.
 */
public final class ExactCurvature implements Curvature {
  /** Has no options. */
  public ExactCurvature() {}

  @Override
  public double[][] times(
      ScoringContext context, ScoringLoss loss, float[][] weights, float[][] vector) {
    try (ScoringNetwork network = context.network(loss.mode(), i -> weights[i])) {
      Derivatives derivatives = Derivatives.open(network.manager());
      if (derivatives != null) {
        try (derivatives) {
          return times(context, loss, network, derivatives, vector);
        }
      }
    }
    context.warn(
        "the engine gives no second derivatives; curvature by a central difference with frozen"
            + " gates");
    return new FrozenGates(FrozenGates.EPSILON).times(context, loss, weights, vector);
  }

  private static double[][] times(
      ScoringContext context,
      ScoringLoss loss,
      ScoringNetwork network,
      Derivatives derivatives,
      float[][] vector) {
    double[][] sum = Vectors.zeros(vector);
    try (NDManager manager = network.manager().newSubManager()) {
      List<NDArray> directions = new ArrayList<>();
      for (int i = 0; i < vector.length; i++) {
        try (NDArray borrowed = manager.create(vector[i], network.weights().get(i).getShape())) {
          directions.add(borrowed.duplicate()); // memory of its own, for the backward pass
        }
      }
      loss.images()
          .forEach(
              (input, labels) -> {
                add(sum, batch(loss, network, derivatives, directions, input, labels));
                context.countDoubleBackward();
              });
    }
    return sum;
  }

  private static List<NDArray> batch(
      ScoringLoss loss,
      ScoringNetwork network,
      Derivatives derivatives,
      List<NDArray> directions,
      NDArray input,
      NDArray labels) {
    List<NDArray> leaves = network.weights();
    try (GradientCollector collector = GradientGate.open(network.manager())) {
      NDArray share = loss.share(labels, network.forward(input));
      List<NDArray> gradient = derivatives.of(share, leaves);
      @Nullable NDArray product = null;
      for (int i = 0; i < leaves.size(); i++) {
        NDArray part = gradient.get(i).mul(directions.get(i)).sum();
        product = product == null ? part : product.add(part);
      }
      if (product == null) {
        throw new IllegalStateException("no prunable tensor");
      }
      return derivatives.of(product, leaves);
    }
  }

  private static void add(double[][] sum, List<NDArray> terms) {
    for (int i = 0; i < sum.length; i++) {
      float[] term = terms.get(i).toFloatArray();
      for (int j = 0; j < term.length; j++) {
        sum[i][j] += term[j];
      }
    }
  }

  @Override
  public String describe() {
    return "exact curvature";
  }
}
