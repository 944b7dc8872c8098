package org.vpns.structured.train;

/** The gradient of the units' norms. */
final class GroupLasso extends ChannelRegulariser<GroupLasso> {
  private final double lambda;

  GroupLasso(double lambda) {
    this.lambda = lambda;
  }

  @Override
  Term begin(TrainedGroups groups) {
    UnitSlices weights = groups.weights();
    long[] sizes = weights.sizes();
    return gradients -> {
      double[] factors = weights.squares(gradients);
      for (int u = 0; u < factors.length; u++) {
        factors[u] = factors[u] == 0 ? 0 : lambda * Math.sqrt(sizes[u] / factors[u]);
      }
      weights.addScaled(gradients, factors);
    };
  }

  @Override
  String options() {
    return "group lasso " + lambda;
  }
}
