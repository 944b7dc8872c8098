package org.vpns.allocate;

import java.util.Arrays;
import org.vpns.Layout;
import org.vpns.Sparsity;

/** {@code d_l = 1 - s}. */
final class UniformDensities implements LayerDensities {
  @Override
  public double[] of(Layout layout, Sparsity sparsity) {
    double[] densities = new double[layout.tensors()];
    Arrays.fill(densities, sparsity.density().doubleValue());
    return densities;
  }

  @Override
  public String describe() {
    return "uniform";
  }
}
