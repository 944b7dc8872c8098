package org.vpns.structured.train;

/** Pulls the scales of batch norms towards zero, one by one or unit by unit. */
final class Slim extends ChannelRegulariser<Slim> {
  /** So that a unit whose scales are all zero is divided by something. */
  private static final double FLOOR = 1e-9;

  private final double lambda;
  private final boolean byUnits;

  Slim(double lambda, boolean byUnits) {
    this.lambda = lambda;
    this.byUnits = byUnits;
  }

  @Override
  Term begin(TrainedGroups groups) {
    UnitSlices scales = groups.batchNormScales();
    if (!byUnits) {
      return gradients -> scales.addSigns(gradients, lambda);
    }
    return gradients -> {
      double[] factors = scales.meanSquares(gradients);
      for (int u = 0; u < factors.length; u++) {
        factors[u] = lambda / Math.sqrt(factors[u] + FLOOR);
      }
      scales.addScaled(gradients, factors);
    };
  }

  @Override
  String options() {
    return (byUnits ? "Slim by units " : "Slim ") + lambda;
  }
}
