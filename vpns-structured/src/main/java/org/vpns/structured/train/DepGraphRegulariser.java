package org.vpns.structured.train;

import org.vpns.Problem;

/**
 * DepGraph's: {@code lambda 2^(alpha (max I - I_u) / (max I - min I)) w} for the weights w of unit
 * u; I is the root of the mean over the unit's axes of weights of the sum of their squares, max and
 * min are of its group. The strongest unit decays at {@code lambda}, the weakest at {@code lambda
 * 2^alpha}; all at {@code lambda} where they are equal.
 *
 * <p>Source: Fang et al., DepGraph: Towards Any Structural Pruning, CVPR 2023, equations 5 and 6;
 * it takes the place of weight decay. Depthwise convolutions decay too, unlike in the authors'
 * program.
 */
public final class DepGraphRegulariser extends ChannelRegulariser<DepGraphRegulariser> {
  private final double lambda;
  private double alpha = 4;
  private boolean biases;

  DepGraphRegulariser(double lambda) {
    this.lambda = lambda;
  }

  /**
   * How much stronger the weakest unit decays than the strongest, as a power of 2; default 4.
   *
   * @param newAlpha 0 to 100
   */
  public DepGraphRegulariser alpha(double newAlpha) {
    if (!(newAlpha >= 0 && newAlpha <= 100)) {
      throw Problem.argument(
          "alpha out of range",
          "DepGraphRegulariser.alpha",
          "0 to 100",
          newAlpha,
          "4 lets the weakest channel decay 16 times as fast as the strongest");
    }
    return with(r -> r.alpha = newAlpha);
  }

  /** Biases and shifts decay as well; by default they do not. I is of the weights all the same. */
  public DepGraphRegulariser biases() {
    return with(r -> r.biases = true);
  }

  @Override
  Term begin(TrainedGroups groups) {
    UnitSlices weights = groups.weights();
    UnitSlices shifts = biases ? groups.shifts() : null;
    return gradients -> {
      double[] roots = weights.meanSquares(gradients);
      for (int u = 0; u < roots.length; u++) {
        roots[u] = Math.sqrt(roots[u]);
      }
      double[] factors = weights.belowLargest(roots, 0);
      for (int u = 0; u < factors.length; u++) {
        factors[u] = lambda * Math.pow(2, alpha * factors[u]);
      }
      weights.addScaled(gradients, factors);
      if (shifts != null) {
        shifts.addScaled(gradients, factors);
      }
    };
  }

  @Override
  String options() {
    return "DepGraph " + lambda + ", alpha " + alpha + (biases ? ", biases too" : "");
  }
}
