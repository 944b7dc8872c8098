package org.vpns.allocate;

import java.math.BigDecimal;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * ERK with the last linear layer, the last parameter of two dimensions, at its own density d_fc;
 * the others share what remains, density {@code (r N - d_fc n_fc) / (N - n_fc)} with r = 1 - s, as
 * ERK does (Liu et al. 2022, "The unreasonable effectiveness of random pruning").
 *
 * @param head d_fc, 0 to 1
 * @param clamp whether a head that leaves nothing for the others gets r instead; an error otherwise
 */
record ErkPlusDensities(double head, boolean clamp) implements LayerDensities {
  private static final ErdosRenyiDensities ERK = new ErdosRenyiDensities(true);

  ErkPlusDensities {
    if (!(head >= 0 && head <= 1)) {
      throw Problem.argument(
          "density out of range", "ERK+, head", "0 <= d <= 1", head, "pass a fraction");
    }
  }

  @Override
  public double[] of(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "LayerDensities.of", "layout");
    Problem.given(sparsity, "LayerDensities.of", "sparsity");
    int last = Ends.lastLinear(layout);
    if (last < 0) {
      return ERK.of(layout, sparsity);
    }
    BigDecimal density = sparsity.density();
    BigDecimal headDensity = BigDecimal.valueOf(head);
    int rest = layout.size() - layout.size(last);
    BigDecimal left = left(layout, last, density, headDensity);
    if (clamp && left.signum() <= 0) {
      headDensity = density;
      left = left(layout, last, density, headDensity);
    }
    boolean possible = left.signum() > 0 && left.compareTo(BigDecimal.valueOf(rest)) <= 0;
    // Nothing left for nobody, or nothing to keep at all, is no contradiction.
    boolean empty = left.signum() == 0 && (rest == 0 || density.signum() == 0);
    if (!possible && !empty) {
      throw Problem.argument(
          "densities infeasible",
          "ERK+ at sparsity " + sparsity + ", " + layout.path(last) + " at density " + headDensity,
          "1 to " + rest + " weights to keep in the other parameters",
          left.stripTrailingZeros().toPlainString(),
          "change the sparsity or the density of the head, or clamp it");
    }
    double[] densities = new double[layout.tensors()];
    int[] others = IntStream.range(0, layout.tensors()).filter(i -> i != last).toArray();
    ERK.spread(layout, others, left.doubleValue(), densities);
    densities[last] = headDensity.doubleValue();
    return densities;
  }

  /** {@code r N - d_fc n_fc}: exact, so that 0 is 0. */
  private static BigDecimal left(Layout layout, int last, BigDecimal density, BigDecimal head) {
    return density
        .multiply(BigDecimal.valueOf(layout.size()))
        .subtract(head.multiply(BigDecimal.valueOf(layout.size(last))));
  }

  @Override
  public String describe() {
    return "erk+(head " + head + (clamp ? ", clamped" : "") + ")";
  }

  @Override
  public String toString() {
    return describe();
  }
}
