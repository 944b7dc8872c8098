package org.vpns.allocate;

import java.math.BigDecimal;
import java.util.Arrays;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * Uniform with its ends spared (Gale, Elsen and Hooker 2019, "The state of sparsity in deep neural
 * networks"), with r = 1 - s:
 *
 * <pre>
 * first convolution   d = 1
 * last linear layer   d = max(r, 0.2)
 * all others          d = (r N - n_first - d_last n_last) / (N - n_first - n_last)
 * </pre>
 *
 * <p>The first convolution is the first parameter of more than two dimensions, the last linear
 * layer the last one of two; a network without the one or the other has nothing to spare there.
 */
final class UniformPlusDensities implements LayerDensities {
  private static final BigDecimal LAST = new BigDecimal("0.2");

  @Override
  public double[] of(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "LayerDensities.of", "layout");
    Problem.given(sparsity, "LayerDensities.of", "sparsity");
    int first = Ends.firstConvolution(layout);
    int last = Ends.lastLinear(layout);
    BigDecimal lastDensity = sparsity.density().max(LAST);
    BigDecimal ends = BigDecimal.ZERO;
    long rest = layout.size();
    if (first >= 0) {
      ends = ends.add(BigDecimal.valueOf(layout.size(first)));
      rest -= layout.size(first);
    }
    if (last >= 0) {
      ends = ends.add(lastDensity.multiply(BigDecimal.valueOf(layout.size(last))));
      rest -= layout.size(last);
    }
    BigDecimal all = sparsity.density().multiply(BigDecimal.valueOf(layout.size()));
    // The other side needs no check: both ends are at least as dense as the whole.
    if (all.compareTo(ends) < 0) {
      throw Problem.argument(
          "densities infeasible",
          "uniform+ at sparsity " + sparsity,
          "at least "
              + plain(ends)
              + " weights for the first convolution and the last linear layer",
          plain(all),
          "lower the sparsity or take uniform or ERK densities");
    }
    double[] densities = new double[layout.tensors()];
    Arrays.fill(densities, rest == 0 ? 0 : all.subtract(ends).doubleValue() / rest);
    if (first >= 0) {
      densities[first] = 1;
    }
    if (last >= 0) {
      densities[last] = lastDensity.doubleValue();
    }
    return densities;
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  @Override
  public String describe() {
    return "uniform+";
  }

  @Override
  public String toString() {
    return describe();
  }
}
