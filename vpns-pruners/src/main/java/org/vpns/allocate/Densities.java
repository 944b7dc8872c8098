package org.vpns.allocate;

import java.util.Map;

/** The known ways of giving each parameter its own density. */
public final class Densities {
  private Densities() {}

  /** The same density everywhere: d = 1 - s. */
  public static LayerDensities uniform() {
    return new UniformDensities();
  }

  /** Uniform, but the first convolution dense and the last linear layer at least 20 % dense. */
  public static LayerDensities uniformPlus() {
    return new UniformPlusDensities();
  }

  /** Erdos-Renyi: the denser, the fewer inputs and outputs a layer has. */
  public static LayerDensities er() {
    return new ErdosRenyiDensities(false);
  }

  /** Erdos-Renyi kernel: {@link #er()} that counts the kernel's extent too. */
  public static LayerDensities erk() {
    return new ErdosRenyiDensities(true);
  }

  /** ERK with the last linear layer at a density of its own, dense by default. */
  public static ErkPlusDensities erkPlus() {
    return new ErkPlusDensities(1, false);
  }

  /**
   * Densities by path.
   *
   * @throws IllegalArgumentException if one is outside [0, 1]; when they are used, if paths do not
   *     match the network's, or the list does not amount to the sparsity asked for
   */
  public static LayerDensities given(Map<String, Double> densities) {
    return new GivenDensities(densities);
  }
}
