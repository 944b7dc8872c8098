package org.vpns.allocate;

import java.math.BigDecimal;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * ERK with the last linear layer fixed at d_fc (default 1: dense); the others share what remains,
 * density {@code (r N - d_fc n_fc) / (N - n_fc)} with r = 1 - s, as {@link Densities#erk()} does
 * (Liu et al. 2022, "The unreasonable effectiveness of random pruning"). The last linear layer is
 * the last parameter of two dimensions; without one this is ERK. Immutable.
 *
 * <p>At high sparsity the head alone may need more than there is. That is an error, unless {@link
 * #clamp()} is asked for.
 */
public final class ErkPlusDensities implements LayerDensities {
  private static final ErdosRenyiDensities ERK = new ErdosRenyiDensities(true);

  private final double head;
  private final boolean clamp;

  ErkPlusDensities(double head, boolean clamp) {
    this.head = head;
    this.clamp = clamp;
  }

  /**
   * Another density of the last linear layer.
   *
   * @param density d_fc, 0 to 1
   */
  public ErkPlusDensities head(double density) {
    if (!(density >= 0 && density <= 1)) {
      throw Problem.argument(
          "density out of range", "ERK+, head", "0 <= d <= 1", density, "pass a fraction");
    }
    return new ErkPlusDensities(density, clamp);
  }

  /** Where the head leaves nothing for the others, it gets the density of the whole, r, instead. */
  public ErkPlusDensities clamp() {
    return new ErkPlusDensities(head, true);
  }

  @Override
  public double[] of(Layout layout, Sparsity sparsity) {
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
}
